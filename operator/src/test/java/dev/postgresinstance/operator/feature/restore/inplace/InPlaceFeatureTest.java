package dev.postgresinstance.operator.feature.restore.inplace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Feature.Deletion;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.ClaimInUse;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The steps of a restore in place, and what its condition says. */
class InPlaceFeatureTest {

  private static final Instant LONG_AGO = Pods.NOW.minusSeconds(60);

  private final Snapshot requested = InPlaceStories.requested(InPlaceStories.VALUE);
  private final String newClaim = Names.restoredClaim(requested.instance());

  @Test
  void nothingHappensWithoutAnnotation() {
    // Given
    Snapshot running = InPlaceStories.running(InPlaceStories.BACKUP);

    // Then
    assertThat(InPlaceStories.written(running)).isEmpty();
    assertThat(InPlaceStories.condition(running)).isEmpty();
    assertThat(server(running).getSpec().getReplicas()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          backup: {store: {s3: {bucket: b}}} | yesterday                   | is "yesterday", but it must be TARGET@UID
          backup: {store: {s3: {bucket: b}}} | latest@other                | names the claim with the uid other, but the data is on claim orders-data with the uid claim-uid
          backup: {store: {s3: {bucket: b}}} | 2026-01-01T00:02Z@claim-uid | must be TARGET@UID
          backup: {store: {s3: {bucket: b}}} | 2026-01-01T00:02:00Z@claim-uid | which is in the future
          {}                                 | latest@claim-uid            | has no spec.backup
          """)
  void annotationThatCannotBeFollowedIsRefused(String spec, String value, String words) {
    // Given
    Snapshot snapshot = InPlaceStories.requested(spec, value);

    // Then
    assertThat(InPlaceStories.written(snapshot)).isEmpty();
    Condition condition = InPlaceStories.condition(snapshot).orElseThrow();
    assertThat(condition.getStatus()).isEqualTo("False");
    assertThat(condition.getReason()).isEqualTo(Reason.RESTORE_REFUSED.word());
    assertThat(condition.getMessage()).contains(words, "Nothing was changed");
    assertThat(server(snapshot).getSpec().getReplicas()).isEqualTo(1);
  }

  @Test
  void refusalContainsTheCommandThatHelps() {
    assertThat(
            InPlaceStories.condition(InPlaceStories.requested("0/5000148@other"))
                .orElseThrow()
                .getMessage())
        .endsWith(
            "kubectl annotate -n shop pgi orders postgresinstance.dev/restore-to=0/5000148@claim-uid --overwrite");
  }

  @Test
  void instanceWithoutDataHasNothingToReplace() {
    // Given
    Snapshot empty =
        Snapshots.withAnnotation(
            Snapshots.of(InPlaceStories.BACKUP), Labels.RESTORE_TO, InPlaceStories.VALUE);

    // Then
    assertThat(InPlaceStories.written(empty)).isEmpty();
    assertThat(InPlaceStories.condition(empty).orElseThrow().getMessage())
        .contains("has no data yet");
  }

  @Test
  void claimComesFirstAndVanishesWithTheResource() {
    // When
    HasMetadata claim = InPlaceStories.onlyWritten(requested);

    // Then
    assertThat(claim).isInstanceOf(PersistentVolumeClaim.class);
    assertThat(claim.getMetadata().getName()).isEqualTo(newClaim).startsWith("orders-data-");
    assertThat(owners(claim)).containsExactly(Snapshots.UID);
    assertThat(claim.getMetadata().getAnnotations())
        .containsEntry(Labels.RESTORE_TO, InPlaceStories.VALUE);
  }

  @Test
  void jobRestoresFromTheOwnArchiveBesideTheServer() {
    // Given
    Snapshot withClaim = InPlaceStories.next(requested);

    // When
    Job job = (Job) InPlaceStories.onlyWritten(withClaim);

    // Then
    assertThat(environment(job))
        .containsEntry("PGI_SOURCE_INSTANCE_ID", Snapshots.UID)
        .containsEntry("PGI_TARGET_TIME", "2025-12-31T23:00:00Z");
    assertThat(job.getSpec().getTemplate().getSpec().getVolumes())
        .anyMatch(
            volume ->
                volume.getPersistentVolumeClaim() != null
                    && volume.getPersistentVolumeClaim().getClaimName().equals(newClaim));
    assertThat(job.getMetadata().getAnnotations())
        .containsEntry(Labels.RESTORE_CLAIM, "new-uid")
        .containsEntry(Labels.RESTORE_TO, InPlaceStories.VALUE);
    Condition condition = InPlaceStories.condition(withClaim).orElseThrow();
    assertThat(condition.getReason()).isEqualTo(Reason.RESTORING.word());
    assertThat(condition.getMessage())
        .isEqualTo("The restore from the archive as of 2025-12-31T23:00:00Z is starting.");
    assertThat(server(withClaim).getSpec().getReplicas()).isEqualTo(1);
  }

  @Test
  void failedRestoreIsTriedAgainWithAnotherAnnotation() {
    // Given
    Snapshot failed = InPlaceStories.ended(InPlaceStories.restoring(), "Failed");

    // Then
    assertThat(InPlaceStories.condition(failed).orElseThrow().getMessage())
        .endsWith(
            "It is tried again at 2026-01-01T00:06:00Z, and as soon as the annotation postgresinstance.dev/restore-to, the spec or a Secret of the store changes.");
  }

  /** As the Job of {@code spec.source} does, whose claim is in use. */
  @Test
  void completeJobOfAnotherClaimIsReplaced() {
    // Given
    Snapshot restored = InPlaceStories.complete();
    Snapshot another =
        restored.with(
            new JobBuilder(restored.get(ObjectKey.RESTORE_JOB).orElseThrow())
                .editMetadata()
                .removeFromAnnotations(Labels.RESTORE_TO)
                .addToAnnotations(Labels.RESTORE_CLAIM, InPlaceStories.UID)
                .endMetadata()
                .build());

    // Then
    assertThat(InPlaceStories.FEATURE.deletions(InPlaceStories.input(another)))
        .extracting(Deletion::why)
        .containsExactly("it restores onto another claim");
  }

  @Test
  void suspendedInstanceIsRestored() {
    // Given
    Snapshot suspended =
        InPlaceStories.requested(InPlaceStories.BACKUP + "\nsuspend: true", InPlaceStories.VALUE);

    // Then
    assertThat(InPlaceStories.onlyWritten(InPlaceStories.next(suspended))).isInstanceOf(Job.class);
  }

  @Test
  void claimRecordsWhatWasRestored() {
    // When
    Snapshot restored = InPlaceStories.restored();

    // Then
    HasMetadata claim = restored.get(ObjectKey.RESTORE_CLAIM).orElseThrow();
    assertThat(claim.getMetadata().getAnnotations())
        .containsEntry(ClaimInUse.RESTORED, "0/5000148 (2025-12-31T22:59:59Z)")
        .containsEntry(Labels.RESTORE_TO, InPlaceStories.VALUE);
    assertThat(owners(claim)).containsExactly(Snapshots.UID);
    assertThat(DataRecord.in(restored, ObjectKey.RESTORE_CLAIM))
        .map(DataRecord::systemIdentifier)
        .contains("7300000000000000002");
    assertThat(DataRecord.of(restored))
        .map(DataRecord::systemIdentifier)
        .contains("7300000000000000001");
  }

  @Test
  void serverIsStoppedBeforeTheClaimsAreExchanged() {
    // Given
    Snapshot restored = InPlaceStories.restored();

    // Then
    assertThat(InPlaceStories.written(restored)).isEmpty();
    assertThat(server(restored).getSpec().getReplicas()).isZero();
    assertThat(InPlaceStories.condition(restored).orElseThrow().getMessage())
        .startsWith("The data was restored onto claim " + newClaim);
  }

  @Test
  void claimsStayWhileAServerMayRunOrWritesAreNotArchived() {
    // Given
    Snapshot stopped = InPlaceStories.stopped(LONG_AGO);
    StatefulSet set = stopped.get(ObjectKey.STATEFUL_SET).orElseThrow();
    Snapshot withPod = Snapshots.with(stopped, Pods.started(stopped));
    Snapshot notObserved =
        stopped.with(
            new StatefulSetBuilder(set).editMetadata().withGeneration(3L).endMetadata().build());
    Snapshot withReplica =
        stopped.with(new StatefulSetBuilder(set).editStatus().withReplicas(1).endStatus().build());
    Snapshot justStopped = InPlaceStories.stopped(Pods.NOW.minusSeconds(5));

    // Then
    assertThat(List.of(withPod, notObserved, withReplica, justStopped))
        .allSatisfy(snapshot -> assertThat(InPlaceStories.written(snapshot)).isEmpty());
  }

  @Test
  void timeForTheArchiveCountsFromWhenTheServerIsGone() {
    // Given
    Snapshot stopped = InPlaceStories.stopped();
    Snapshot withPod = Snapshots.with(InPlaceStories.stopped(LONG_AGO), Pods.started(stopped));

    // Then
    assertThat(InPlaceStories.written(stopped)).isEmpty();
    assertThat(stoppedSince(stopped)).contains(Pods.NOW.toString());
    assertThat(stoppedSince(InPlaceStories.stopped(LONG_AGO))).contains(LONG_AGO.toString());
    assertThat(stoppedSince(withPod)).isEmpty();
    assertThat(stoppedSince(Snapshots.withAnnotation(stopped, "example.com/other", "x"))).isEmpty();
  }

  private static Optional<String> stoppedSince(Snapshot snapshot) {
    return Annotations.get(server(snapshot), Labels.STOPPED_SINCE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Retain", "Delete"})
  void newClaimIsKeptLikeOneWithDataAndThenTheFormerOneNamesIt(String policy) {
    // Given
    Snapshot stopped = InPlaceStories.stopped(LONG_AGO);
    boolean isDelete = policy.equals("Delete");
    Snapshot before =
        Snapshots.withSpec(stopped, InPlaceStories.BACKUP + "\ndeletionPolicy: " + policy);

    // When
    Snapshot kept = InPlaceStories.next(before);
    Snapshot exchanged = InPlaceStories.next(kept);

    // Then
    HasMetadata claim = kept.get(ObjectKey.RESTORE_CLAIM).orElseThrow();
    assertThat(owners(claim)).hasSize(isDelete ? 1 : 0);
    assertThat(claim.getMetadata().getAnnotations())
        .doesNotContainKey(Labels.RESTORE_TO)
        .containsEntry(ClaimInUse.RESTORED_TO, InPlaceStories.VALUE)
        .containsEntry(ClaimInUse.REPLACES, "orders-data");
    HasMetadata former = exchanged.get(ObjectKey.CLAIM).orElseThrow();
    assertThat(former.getMetadata().getName()).isEqualTo("orders-data");
    assertThat(owners(former)).as("stays under either policy").isEmpty();
    assertThat(former.getMetadata().getAnnotations())
        .containsEntry(ClaimInUse.REPLACED_BY, newClaim);
    assertThat(
            ClaimInUse.name(
                exchanged.instance(), Optional.empty(), exchanged.surroundings().claims()))
        .isEqualTo(newClaim);
  }

  @Test
  void conditionNamesTheFormerClaimWhileItExists() {
    // Given
    Snapshot exchanged = InPlaceStories.next(InPlaceStories.next(InPlaceStories.stopped(LONG_AGO)));
    PersistentVolumeClaim inUse = exchanged.get(ObjectKey.RESTORE_CLAIM).orElseThrow();
    Snapshot done = inUse(exchanged, inUse, exchanged.surroundings().claims());
    Snapshot dropped = inUse(exchanged, inUse, List.of(inUse));

    // Then
    Condition condition = InPlaceStories.condition(done).orElseThrow();
    assertThat(condition.getStatus()).isEqualTo("True");
    assertThat(condition.getMessage())
        .isEqualTo(
            "The data was restored in place, up to 0/5000148 (2025-12-31T22:59:59Z), onto claim %s. The former data, with all that was committed later, is on claim orders-data, which nothing uses any more. When nobody needs it: kubectl delete -n shop pvc orders-data"
                .formatted(newClaim));
    assertThat(InPlaceStories.condition(dropped).orElseThrow().getMessage())
        .endsWith("onto claim %s.".formatted(newClaim));
    assertThat(InPlaceStories.written(done)).isEmpty();
    assertThat(server(done).getSpec().getReplicas()).isEqualTo(1);
  }

  private static Snapshot inUse(
      Snapshot snapshot, PersistentVolumeClaim claim, List<PersistentVolumeClaim> claims) {
    Snapshot withoutFormer =
        InPlaceStories.without(
            InPlaceStories.withSurroundings(snapshot, List.of(), claims), ObjectKey.CLAIM);
    return withoutFormer
        .with(
            new SecretBuilder()
                .withNewMetadata()
                .withName("orders-operator")
                .withNamespace("shop")
                .withAnnotations(
                    ClaimInUse.annotations(snapshot.instance(), claim.getMetadata().getName()))
                .addToAnnotations(Labels.INSTANCE_ID, Snapshots.UID)
                .endMetadata()
                .build())
        .with(claim);
  }

  @Test
  void removedAnnotationCancels() {
    // Given
    Snapshot cancelled =
        Snapshots.withAnnotation(InPlaceStories.restoring(), "example.com/other", "x");

    // When
    List<Deletion> deletions = InPlaceStories.FEATURE.deletions(InPlaceStories.input(cancelled));
    HasMetadata claim = InPlaceStories.onlyWritten(cancelled);

    // Then
    assertThat(deletions)
        .extracting(deletion -> deletion.object().getMetadata().getName())
        .containsExactly("orders-restore");
    assertThat(claim.getMetadata().getName()).isEqualTo(newClaim);
    assertThat(owners(claim))
        .as("the garbage collector deletes it")
        .hasSize(1)
        .doesNotContain(Snapshots.UID);
    assertThat(InPlaceStories.condition(cancelled)).isEmpty();
  }

  @Test
  void restoreThatHasBegunIsNotGivenUpByAClockThatIsBehind() {
    // Given
    Snapshot restoring = InPlaceStories.restoring();
    Instant beforeTheTarget = Instant.parse("2025-12-31T22:00:00Z");

    // Then
    assertThat(InPlaceState.of(restoring, beforeTheTarget))
        .isInstanceOf(InPlaceState.Pending.class);
    assertThat(InPlaceState.of(requested, beforeTheTarget))
        .isInstanceOf(InPlaceState.Refused.class);
  }

  @Test
  void otherValueReplacesTheRestore() {
    // Given
    Snapshot changed =
        Snapshots.withAnnotation(
            InPlaceStories.without(InPlaceStories.restoring(), ObjectKey.RESTORE_CLAIM),
            Labels.RESTORE_TO,
            "latest@" + InPlaceStories.UID);

    // When
    List<Child<?>> written = InPlaceStories.written(changed);

    // Then
    assertThat(InPlaceStories.FEATURE.deletions(InPlaceStories.input(changed))).hasSize(1);
    assertThat(written)
        .extracting(child -> child.desired().getMetadata().getName())
        .containsExactly(newClaim, Names.restoredClaim(changed.instance()));
    assertThat(owners(written.getLast().desired())).containsExactly(Snapshots.UID);
  }

  @Test
  void claimThatIsBeingRemovedIsWaitedFor() {
    // Given
    Snapshot cancelled =
        Snapshots.withAnnotation(InPlaceStories.restoring(), "example.com/other", "x");
    Snapshot again =
        Snapshots.withAnnotation(
            cancelled.with(InPlaceStories.onlyWritten(cancelled)),
            Labels.RESTORE_TO,
            InPlaceStories.VALUE);
    Snapshot givenUp = again.with(InPlaceStories.onlyWritten(cancelled));

    // Then
    assertThat(InPlaceStories.written(givenUp)).isEmpty();
    assertThat(InPlaceStories.condition(givenUp).orElseThrow().getMessage())
        .isEqualTo(
            "The restore begins when claim %s of an earlier restore is gone.".formatted(newClaim));
  }

  @Test
  void backupMustExist() {
    // Given
    Snapshot snapshot = InPlaceStories.requested("backup/nightly@" + InPlaceStories.UID);

    // Then
    assertThat(InPlaceStories.written(snapshot)).isEmpty();
    Condition condition = InPlaceStories.condition(snapshot).orElseThrow();
    assertThat(condition.getReason()).isEqualTo(Reason.RESTORE_FAILED.word());
    assertThat(condition.getMessage()).contains("PostgresBackup nightly");
  }

  private static StatefulSet server(Snapshot snapshot) {
    return InPlaceServer.before(
            InPlaceStories.input(snapshot),
            Child.of(ObjectKey.STATEFUL_SET, InPlaceStories.statefulSet(snapshot, 1)))
        .desired();
  }

  private static List<String> owners(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream().map(OwnerReference::getUid).toList();
  }

  private static Map<String, String> environment(Job job) {
    return job.getSpec().getTemplate().getSpec().getContainers().stream()
        .filter(container -> "fetch".equals(container.getName()))
        .flatMap(container -> container.getEnv().stream())
        .filter(variable -> variable.getValue() != null)
        .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
  }
}
