package dev.postgresinstance.operator.feature.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to the Job, and what the status says. */
class JobPlanTest {

  private static final String DENIED = "The store denies access.";
  private static final String LARGER =
      Restores.FROM_ARCHIVE + "\nresources: {limits: {memory: 2Gi}}";

  private final Snapshot pending = Restores.pending(Restores.FROM_ARCHIVE);
  private final Snapshot running = Restores.withJob(pending, Restores.pod(1, "Running"));
  private final Snapshot waiting = Restores.withJob(pending, Restores.pod(1, "Pending"));
  private final Snapshot failed =
      Restores.ended(Restores.withJob(pending, Restores.failed(1, DENIED)), "Failed");

  @Test
  void createsJobAndSaysSo() {
    // When
    JobPlan plan = Restores.plan(pending);

    // Then
    assertThat(plan.create()).isPresent();
    assertThat(plan.delete()).isEmpty();
    assertThat(plan.problem())
        .contains(
            new Problem(
                ConditionType.AVAILABLE,
                Reason.RESTORING,
                "The restore from the archive of instance former in bucket b is starting."));
  }

  @Test
  void createsNoJobForSuspendedInstance() {
    // Given
    Snapshot suspended = Snapshots.withSpec(pending, Restores.FROM_ARCHIVE + "\nsuspend: true");

    // Then
    assertThat(Restores.plan(suspended).create()).isEmpty();
  }

  @Test
  void createsNoJobWhileAnotherPodMayUseVolume() {
    // Given
    Snapshot withServer = Snapshots.with(pending, Pods.started(pending));
    Snapshot withFormer = Restores.withPods(pending, Restores.pod(1, "Running"));

    // Then
    for (Snapshot snapshot : new Snapshot[] {withServer, withFormer}) {
      assertThat(Restores.plan(snapshot).create()).isEmpty();
      assertThat(message(snapshot))
          .isEqualTo("The restore waits for a pod that still uses the volume.");
    }
    assertThat(Restores.plan(Restores.withPods(pending, Restores.pod(1, "Failed"))).create())
        .isPresent();
  }

  @Test
  void createsNoJobWithoutImageOfOperator() {
    // When
    JobPlan plan = JobPlan.of(Restores.input(pending, Pods.NOW), Restores.IMAGE, Optional.empty());

    // Then
    assertThat(plan.create()).isEmpty();
    assertThat(plan.problem().map(Problem::reason)).contains(Reason.RESTORE_FAILED);
    assertThat(plan.problem().map(Problem::message).orElseThrow()).contains("OPERATOR_IMAGE");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          other | accessKeyId secretAccessKey | Secret s3 in namespace shop, which the source names for the credentials of the store, does not exist.
          s3    | accessKeyId                 | Secret s3 in namespace shop has no key secretAccessKey, which the credentials of the store needs.
          """)
  void namesSecretThatIsMissing(String name, String keys, String sentence) {
    // Given
    SecretBuilder secret =
        new SecretBuilder(Restores.credentials("1")).editMetadata().withName(name).endMetadata();
    secret.withData(null);
    for (String key : keys.split(" ", -1)) {
      secret.addToData(key, "YQ==");
    }

    // When
    JobPlan plan =
        Restores.plan(ReconcileInputs.withSecrets(ReconcileInputs.of(pending), secret.build()));

    // Then
    assertThat(plan.create()).isEmpty();
    assertThat(plan.problem().map(Problem::reason)).contains(Reason.RESTORE_FAILED);
    assertThat(plan.problem().map(Problem::message))
        .contains(sentence + " The restore begins when it is there.");
  }

  @Test
  void runningRestoreIsLeftAlone() {
    // Given
    Snapshot changed = Snapshots.withSpec(running, LARGER);
    Snapshot withoutSecret = running;

    // Then
    assertThat(Restores.plan(running).delete()).isEmpty();
    assertThat(Restores.plan(changed).delete()).isEmpty();
    assertThat(message(changed))
        .isEqualTo(
            "The restore from the archive of instance former in bucket b has been running since 2026-01-01T00:00:01Z. Its log shows more: kubectl logs -n shop orders-restore-1 -c fetch");
    assertThat(Restores.plan(ReconcileInputs.of(withoutSecret)).problem().map(Problem::reason))
        .contains(Reason.RESTORING);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "base|RESTORING|: 16Mi of 64Mi of the base backup are unpacked. Its log",
        "wal|REPLAYING|: the base backup is unpacked, and the write-ahead log is replayed, 16Mi of 64Mi. Its log"
      })
  void runningRestoreTellsItsProgress(String phase, Reason reason, String words) {
    // Given
    String log =
        "2026-12-01T00:00:00Z {\"phase\":\"%s\",\"done\":16777216,\"total\":67108864}"
            .formatted(phase);

    // When
    JobPlan plan = Restores.plan(ReconcileInputs.withLog(Restores.input(running, Pods.NOW), log));

    // Then
    assertThat(plan.problem().map(Problem::reason)).contains(reason);
    assertThat(plan.problem().map(Problem::message).orElseThrow()).contains(words);
  }

  @Test
  void restoreThatHasNotBegunFollowsChangedSpec() {
    assertThat(Restores.plan(waiting).delete()).isEmpty();
    assertThat(Restores.plan(Snapshots.withSpec(waiting, LARGER)).delete())
        .contains("what it was made from has changed");
  }

  @Test
  void failedRestoreFollowsCorrectedSecret() {
    // Given
    Secret corrected = Restores.credentials("2");

    // When
    JobPlan plan =
        Restores.plan(ReconcileInputs.withSecrets(ReconcileInputs.of(failed), corrected));

    // Then
    assertThat(Restores.plan(failed).delete()).isEmpty();
    assertThat(plan.delete()).contains("what it was made from has changed");
  }

  @ParameterizedTest
  @CsvSource({"299, false", "300, true"})
  void failedRestoreIsTriedAgainAfterFiveMinutes(long seconds, boolean again) {
    // Given
    Instant now = Pods.NOW.plusSeconds(seconds);

    // When
    JobPlan plan = Restores.plan(Restores.input(failed, now));

    // Then
    assertThat(plan.delete().isPresent()).isEqualTo(again);
    assertThat(plan.create()).isEmpty();
    assertThat(plan.problem())
        .contains(
            new Problem(
                ConditionType.AVAILABLE,
                Reason.RESTORE_FAILED,
                "The restore from the archive of instance former in bucket b failed: The store denies access. It is tried again at 2026-01-01T00:06:00Z, and as soon as the spec or a Secret of the source changes."));
  }

  @Test
  void failedRestoreIsNotTriedWithoutItsSecret() {
    // Given
    Instant later = Pods.NOW.plusSeconds(900);

    // When
    JobPlan plan =
        Restores.plan(ReconcileInputs.at(later, failed, ReconcileInputs.of(failed).login()));

    // Then
    assertThat(plan.delete()).isEmpty();
    assertThat(plan.problem().map(Problem::message).orElseThrow()).startsWith("Secret s3 ");
  }

  @Test
  void reportsFailedAttemptWhileJobTriesAgain() {
    // Given
    Snapshot between = Restores.withJob(pending, Restores.failed(1, DENIED));
    Snapshot second =
        Restores.withJob(pending, Restores.failed(1, DENIED), Restores.pod(2, "Running"));

    // Then
    assertThat(Restores.plan(between).problem().map(Problem::reason))
        .contains(Reason.RESTORE_FAILED);
    assertThat(message(between))
        .endsWith("The store denies access. Job orders-restore tries again.");
    assertThat(Restores.plan(second).problem().map(Problem::reason)).contains(Reason.RESTORING);
    assertThat(message(second)).endsWith(" The attempt before failed: The store denies access.");
  }

  /** The Job is complete a moment after its pod has succeeded. */
  @Test
  void reportsNoFailureWhenPodHasSucceeded() {
    // Given
    Snapshot done = Restores.withJob(pending, Restores.pod(1, "Succeeded"));

    // When
    JobPlan plan = Restores.plan(done);

    // Then
    assertThat(plan.problem().map(Problem::reason)).contains(Reason.RESTORING);
    assertThat(plan.delete()).isEmpty();
  }

  @Test
  void waitsUntilDeletedJobIsGone() {
    // Given
    Snapshot deleted =
        failed.with(
            new JobBuilder(failed.get(ObjectKey.RESTORE_JOB).orElseThrow())
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .build());

    // When
    JobPlan plan = Restores.plan(Restores.input(deleted, Pods.NOW.plusSeconds(900)));

    // Then
    assertThat(plan.create()).isEmpty();
    assertThat(plan.delete()).isEmpty();
    assertThat(plan.problem().map(Problem::reason)).contains(Reason.RESTORING);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0/1 nodes are available                | UNSCHEDULABLE
          unbound immediate PersistentVolumeClaims | CLAIM_PENDING
          """)
  void reportsThatNoNodeAcceptsPod(String message, Reason reason) {
    // Given
    Pod pod =
        new PodBuilder(Restores.pod(1, "Pending"))
            .editStatus()
            .withConditions(
                new PodConditionBuilder()
                    .withType("PodScheduled")
                    .withStatus("False")
                    .withMessage(message)
                    .build())
            .endStatus()
            .build();

    // When
    Optional<Problem> problem = Restores.plan(Restores.withJob(pending, pod)).problem();

    // Then
    assertThat(problem)
        .contains(
            new Problem(
                ConditionType.AVAILABLE,
                reason,
                "No node accepts the pod of the restore: " + message));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ErrImagePull", "ImagePullBackOff"})
  void reportsImageThatCannotBePulled(String why) {
    // Given
    Pod pod =
        new PodBuilder(Restores.pod(1, "Pending"))
            .editSpec()
            .addNewContainer()
            .withName("fetch")
            .withImage("operator:1")
            .endContainer()
            .endSpec()
            .editStatus()
            .addNewContainerStatus()
            .withName("fetch")
            .withNewState()
            .withNewWaiting("not found", why)
            .endState()
            .endContainerStatus()
            .endStatus()
            .build();

    // When
    Optional<Problem> problem = Restores.plan(Restores.withJob(pending, pod)).problem();

    // Then
    assertThat(problem)
        .contains(
            new Problem(
                ConditionType.AVAILABLE,
                Reason.IMAGE_UNAVAILABLE,
                "The node cannot pull the image operator:1 of the restore: not found"));
  }

  private static String message(Snapshot snapshot) {
    return Restores.plan(snapshot).problem().map(Problem::message).orElseThrow();
  }
}
