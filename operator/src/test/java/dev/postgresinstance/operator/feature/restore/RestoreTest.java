package dev.postgresinstance.operator.feature.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.EventMessage;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a server may start. */
class RestoreTest {

  private static final Pod SUCCEEDED =
      Restores.ended(
          Restores.pod(1, "Succeeded"),
          "postgres",
          0,
          "Completed",
          "{\"reachedLsn\":\"0/5000148\",\"reachedTime\":\"2026-11-28T09:15:00Z\",\"timeline\":2}");

  private final Snapshot pending = Restores.pending(Restores.FROM_ARCHIVE);
  private final Snapshot running = Restores.withJob(pending, Restores.pod(1, "Running"));
  private final Snapshot complete =
      Restores.withPods(Restores.ended(running, "Complete"), SUCCEEDED);

  @Test
  void instanceWithoutSourceHasNothingToRestore() {
    // Given
    Snapshot snapshot = Restores.pending("{}");

    // Then
    assertThat(Restore.isPending(snapshot)).isFalse();
    assertThat(server(snapshot).desired().getSpec().getReplicas()).isEqualTo(1);
    assertThat(Restore.variables(snapshot)).isEmpty();
    assertThat(Restore.remedyForEmptyVolume(snapshot)).isEmpty();
  }

  @Test
  void noServerStartsBeforeRestoreIsComplete() {
    for (Snapshot snapshot : List.of(pending, running, Restores.ended(running, "Failed"))) {
      assertThat(Restore.isPending(snapshot)).isTrue();
      assertThat(server(snapshot).desired().getSpec().getReplicas()).isZero();
    }
  }

  @Test
  void serverStartsWhenRestoreIsComplete() {
    assertThat(Restore.isPending(complete)).isFalse();
    assertThat(server(complete).desired().getSpec().getReplicas()).isEqualTo(1);
  }

  @Test
  void recordedDataNeedsNoJobAnyMore() {
    // Given
    Snapshot recorded = Snapshots.withData(pending);

    // Then
    assertThat(Restore.isPending(recorded)).isFalse();
    assertThat(Restores.plan(recorded))
        .isEqualTo(new JobPlan(Optional.empty(), Optional.empty(), Optional.empty()));
  }

  @Test
  void restoreOntoFormerClaimDoesNotCount() {
    // Given
    Snapshot recreated = Restores.withClaim(complete, "another-claim");

    // Then
    assertThat(Restore.isPending(recreated)).isTrue();
    assertThat(Restores.plan(recreated).delete()).contains("it restores onto another claim");
  }

  @Test
  void jobOfDeletedInstanceDoesNotCount() {
    // Given
    Snapshot former =
        complete.with(
            new JobBuilder(complete.get(ObjectKey.RESTORE_JOB).orElseThrow())
                .editMetadata()
                .withOwnerReferences(
                    new OwnerReferenceBuilder()
                        .withApiVersion("postgresinstance.dev/v1alpha1")
                        .withKind("PostgresInstance")
                        .withName("orders")
                        .withUid("former-uid")
                        .build())
                .endMetadata()
                .build());

    // Then
    assertThat(Restore.isPending(former)).isTrue();
    assertThat(Restores.plan(former).delete()).isEmpty();
    assertThat(Restores.plan(former).create()).isEmpty();
  }

  @Test
  void reportsOnceWhatWasRestored() {
    // Given
    Snapshot before = complete.with(server(running).desired());
    Snapshot after = complete.with(server(complete).desired());

    // When
    Optional<EventMessage> event = server(before).action();

    // Then
    assertThat(event.map(EventMessage::reason)).contains("Restored");
    assertThat(event.map(EventMessage::message))
        .contains(
            "Restored the data from the archive of instance former in bucket b, up to 0/5000148 (2026-11-28T09:15:00Z).");
    assertThat(server(after).action()).isEmpty();
    assertThat(
            server(Snapshots.withSpec(before, Restores.FROM_ARCHIVE + "\nsuspend: true")).action())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\nparameters: {work_mem: 8MB}"})
  void serverLearnsOfSource(String more) {
    // When
    List<EnvVar> variables = Restore.variables(Snapshots.of(Restores.FROM_ARCHIVE + more));

    // Then
    assertThat(variables).extracting(EnvVar::getName).containsExactly("PGI_RESTORE");
    assertThat(variables.getFirst().getValue()).isEqualTo("badd378d");
  }

  @Test
  void tellsHowToRestoreOntoEmptiedVolume() {
    assertThat(Restore.remedyForEmptyVolume(complete))
        .contains("To restore the data again: kubectl delete -n shop job orders-restore");
    assertThat(Restore.remedyForEmptyVolume(Snapshots.withData(complete)))
        .contains("To restore the data from spec.source, create an instance of another name.");
    assertThat(
            Restore.remedyForEmptyVolume(
                Snapshots.withData(Restores.pending("backup: {store: {s3: {bucket: b}}}"))))
        .hasValueSatisfying(
            remedy -> assertThat(remedy).contains("postgresinstance.dev/restore-to=latest@"));
  }

  private static Child<StatefulSet> server(Snapshot snapshot) {
    return Restore.before(
        snapshot,
        Child.of(
            ObjectKey.STATEFUL_SET,
            suspended(
                snapshot, Pods.statefulSet(snapshot, PostgresImages.DEFAULT, Optional.empty()))));
  }

  private static StatefulSet suspended(Snapshot snapshot, StatefulSet desired) {
    assertThat(desired.getSpec().getReplicas()).isEqualTo(snapshot.suspended() ? 0 : 1);
    return desired;
  }
}
