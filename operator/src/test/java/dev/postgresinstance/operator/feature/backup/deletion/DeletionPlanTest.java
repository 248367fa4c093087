package dev.postgresinstance.operator.feature.backup.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.DeletableBackup;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.feature.backup.record.DeletableBackups;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.instance.Surroundings;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DeletionPlanTest {

  private static final KubernetesSerialization YAML = new KubernetesSerialization();
  private static final Instant NOW = Pods.NOW;
  private static final String FIRST = "20261101-030000";
  private static final String SECOND = "20261102-030000";

  private final Snapshot instance = Snapshots.of("backup: {store: {s3: {bucket: backups}}}");

  @Test
  void statusRecordsCompleteBackupsToDelete() {
    Snapshot snapshot = Snapshots.with(instance, backup("a", SECOND, "Delete", "backups"));
    snapshot = Snapshots.with(snapshot, backup("b", FIRST, "Delete", "backups"));
    snapshot = Snapshots.with(snapshot, backup("c", "20261103-030000", "Retain", "backups"));
    snapshot = Snapshots.with(snapshot, backup("d", "20261104-030000", "Delete", "elsewhere"));

    assertThat(recorded(snapshot)).containsExactly(FIRST, SECOND);
    assertThat(plan(snapshot).create()).isEmpty();
  }

  @Test
  void backupThatIsRetainedAgainIsForgotten() {
    Snapshot snapshot = Snapshots.with(recorded(FIRST), backup("a", FIRST, "Retain", "backups"));

    assertThat(recorded(snapshot)).isEmpty();
    assertThat(plan(snapshot).create()).isEmpty();
  }

  @Test
  void backupWhoseResourceIsGoneIsDeleted() {
    // Given
    Snapshot snapshot =
        Snapshots.with(recorded(FIRST, SECOND), backup("b", SECOND, "Delete", "backups"));

    // When
    Job job = plan(snapshot).create().orElseThrow();

    // Then
    assertThat(job.getMetadata().getName()).isEqualTo("orders-backup-deletion");
    assertThat(job.getSpec().getTemplate().getSpec().getContainers())
        .singleElement()
        .satisfies(
            container ->
                assertThat(container.getEnv())
                    .contains(new EnvVar("PGI_UNWANTED_BACKUPS", FIRST, null)));
    assertThat(recorded(snapshot)).containsExactly(FIRST, SECOND);
  }

  @Test
  void nothingIsDeletedWithoutImageOfTheOperator() {
    assertThat(DeletionPlan.of(recorded(FIRST), Optional.empty(), NOW).create()).isEmpty();
  }

  @Test
  void completeJobIsForgottenBeforeItIsReplaced() {
    // Given
    Snapshot complete = withJob(recorded(FIRST), "Complete", NOW);

    // Then
    assertThat(recorded(complete)).isEmpty();
    assertThat(plan(complete)).isEqualTo(nothing());

    // When
    Snapshot both = withStatus(complete, FIRST, SECOND);

    // Then
    assertThat(recorded(both)).containsExactly(SECOND);
    assertThat(plan(both).delete()).isEmpty();
    assertThat(plan(withStatus(complete, SECOND)).delete())
        .contains("other backups have to be deleted");
  }

  @Test
  void noteNamesWhatStays() {
    // Given
    Snapshot complete = withJob(recorded(FIRST), "Complete", NOW);
    Pod pod = pod("Succeeded", 0, "{\"kept\":[\"%s\"]}".formatted(FIRST));

    // Then
    assertThat(plan(withPod(complete, pod)).note())
        .contains(
            "Backup 20261101-030000 stays in the store although its PostgresBackup is gone: another backup needs it, or it is the last one. The retention deletes it later.");
  }

  @Test
  void endTellsTheSizeOfTheArchive() {
    // Given
    Snapshot complete = withJob(recorded(FIRST), "Complete", NOW);
    Pod pod = pod("Succeeded", 0, "{\"kept\":[],\"archiveSize\":5000}");

    // Then
    assertThat(DeletionEnd.of(withPod(complete, pod))).contains(new DeletionEnd(NOW, 5000));
    assertThat(DeletionEnd.of(complete)).isEmpty();
    assertThat(DeletionEnd.of(recorded(FIRST))).isEmpty();
  }

  @Test
  void failedJobIsReportedAndReplacedAfterAnHour() {
    // Given
    Snapshot failed =
        withPod(
            withJob(recorded(FIRST), "Failed", NOW),
            pod("Failed", 1, "{\"reason\":\"AccessDenied\",\"message\":\"The store says 403.\"}"));

    // Then
    assertThat(plan(failed).note())
        .contains(
            "Still in the store, although their PostgresBackups are gone: 20261101-030000. The store says 403. The operator tries again at %s, and when it has to delete other backups."
                .formatted(NOW.plus(Duration.ofHours(1))));
    assertThat(plan(failed).delete()).isEmpty();
    assertThat(
            DeletionPlan.of(failed, Optional.of("operator:1"), NOW.plus(Duration.ofHours(1)))
                .delete())
        .isPresent();
    assertThat(plan(withStatus(failed, FIRST, SECOND)).delete()).isPresent();
    assertThat(recorded(failed)).containsExactly(FIRST);
  }

  @Test
  void runningJobIsLeftAlone() {
    Snapshot running = withPod(withJob(recorded(FIRST), "Suspended", NOW), pod("Running", 0, ""));

    assertThat(plan(withStatus(running, FIRST, SECOND))).isEqualTo(nothing());
  }

  @Test
  void backupWhoseStatusIsLostIsNotGone() {
    // Given
    PostgresBackup backup = backup("a", FIRST, "Delete", "backups");
    backup.setStatus(null);

    // When
    Snapshot snapshot = Snapshots.with(recorded(FIRST), backup);

    // Then
    assertThat(recorded(snapshot)).containsExactly(FIRST);
    assertThat(plan(snapshot)).isEqualTo(nothing());
  }

  @Test
  void anotherResourceOfTheSameNameIsAnotherBackup() {
    // Given
    PostgresBackup again = backup("n", FIRST, "Delete", "backups");
    again.getMetadata().setUid("uid-of-another");
    again.setStatus(null);

    // Then
    assertThat(plan(Snapshots.with(recorded(FIRST), again)).create()).isPresent();
  }

  private static List<String> recorded(Snapshot snapshot) {
    return DeletableBackups.of(snapshot).recorded().stream()
        .map(DeletableBackup::archiveName)
        .toList();
  }

  private static DeletionPlan nothing() {
    return new DeletionPlan(Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static DeletionPlan plan(Snapshot snapshot) {
    return DeletionPlan.of(snapshot, Optional.of("operator:1"), NOW);
  }

  private Snapshot recorded(String... folders) {
    return withStatus(instance, folders);
  }

  private static Snapshot withStatus(Snapshot snapshot, String... folders) {
    return Snapshots.withStatus(
        snapshot,
        YAML.unmarshal(
            "backup: {instanceId: %s, deleteWithResource: [%s]}"
                .formatted(
                    Snapshots.UID,
                    Stream.of(folders)
                        .map("{name: n, uid: uid-of-%1$s, archiveName: '%1$s'}"::formatted)
                        .collect(Collectors.joining(", "))),
            PostgresInstanceStatus.class));
  }

  private static PostgresBackup backup(String name, String folder, String policy, String bucket) {
    return YAML.unmarshal(
        """
        apiVersion: postgresinstance.dev/v1alpha1
        kind: PostgresBackup
        metadata: {name: %s, namespace: shop, uid: "uid-of-%s"}
        spec: {instanceRef: {name: orders}, deletionPolicy: %s}
        status:
          archive: {instanceId: %s, lineage: l, store: {s3: {bucket: %s}}}
          archiveName: '%s'
          conditions: [{type: Complete, status: "True", reason: BackupCompleted, message: ""}]
        """
            .formatted(name, folder, policy, Snapshots.UID, bucket, folder),
        PostgresBackup.class);
  }

  /** With the Job that was created for the snapshot. */
  private static Snapshot withJob(Snapshot snapshot, String condition, Instant since) {
    return snapshot.with(
        new JobBuilder(plan(snapshot).create().orElseThrow())
            .withNewStatus()
            .addNewCondition()
            .withType(condition)
            .withStatus("True")
            .withLastTransitionTime(since.toString())
            .endCondition()
            .endStatus()
            .build());
  }

  private static Snapshot withPod(Snapshot snapshot, Pod pod) {
    return new Snapshot(
        snapshot.instance(),
        snapshot.objects(),
        snapshot.cluster(),
        new Surroundings(List.of(), List.of(pod), List.of()));
  }

  private static Pod pod(String phase, int exitCode, String message) {
    PodBuilder pod =
        new PodBuilder()
            .withNewMetadata()
            .withNamespace("shop")
            .withName("orders-backup-deletion-1")
            .withCreationTimestamp(NOW.toString())
            .addToLabels(Labels.JOB_NAME, "orders-backup-deletion")
            .endMetadata()
            .withNewStatus()
            .withPhase(phase)
            .endStatus();
    return message.isEmpty()
        ? pod.build()
        : pod.editStatus()
            .addToContainerStatuses(
                new ContainerStatusBuilder()
                    .withName("delete")
                    .withState(Pods.terminated(exitCode, "Ended", message))
                    .build())
            .endStatus()
            .build();
  }
}
