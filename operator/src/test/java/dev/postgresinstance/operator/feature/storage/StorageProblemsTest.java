package dev.postgresinstance.operator.feature.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.reconcile.Statuses;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StorageProblemsTest {

  private static final Instant NOW = Snapshots.REFUSED_AT;
  private static final long MEBIBYTE = 1024 * 1024;
  private static final String IN_USE = "code = FailedPrecondition desc = in use";

  private final Snapshot refused =
      Snapshots.resizing("1Gi", "2Gi", Map.of(OfflineGrowth.RESIZE_ERROR, IN_USE));
  private final Snapshot running = Snapshots.with(refused, Pods.started(refused));

  @Test
  void reportsWhenStoppedServerStartsAgain() {
    // Given
    OfflineGrowth away = new OfflineGrowth.Away(Optional.of(NOW.plusSeconds(90)));

    // When
    PostgresInstanceStatus status = status(refused, away);

    // Then
    assertThat(status.conditions())
        .extracting(c -> "%s %s %s".formatted(c.getType(), c.getStatus(), c.getReason()))
        .contains(
            "Ready False Resizing", "Available False Resizing", "StorageReady False Resizing");
    assertThat(status.conditions().getFirst().getMessage())
        .contains("grows to 2Gi", "at 2026-01-02T03:05:35Z at the latest");
  }

  @Test
  void reportsThatServerIsBeingStopped() {
    // Given
    Snapshot ending = Snapshots.with(refused, Pods.terminating(Pods.started(refused)));

    // When
    PostgresInstanceStatus status = status(ending, new OfflineGrowth.Away(Optional.empty()));

    // Then
    assertThat(status.conditions().getFirst().getMessage()).contains("is being stopped");
  }

  @Test
  void reportsFailedExpansionWithDriverMessage() {
    // Given
    OfflineGrowth tried = new OfflineGrowth.Tried(Optional.of(NOW), true);

    // When
    List<Problem> problems = StorageProblems.of(running, Optional.empty(), tried);

    // Then
    assertThat(problems)
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.reason().word()).isEqualTo("ResizeRefused");
              assertThat(problem.preventsReady()).isFalse();
              assertThat(problem.message()).contains("its size of 1Gi", "2Gi", IN_USE);
            });
  }

  @Test
  void omitsDriverMessageFromBeforeVolumeHasGrown() {
    // Given
    Snapshot accepted =
        Snapshots.resizing(
            "1Gi",
            "2Gi",
            Map.of(
                OfflineGrowth.RESIZE_ERROR,
                IN_USE,
                "FileSystemResizePending",
                "waiting",
                "NodeResizeError",
                "no such device"));

    // When
    List<Problem> stopped =
        StorageProblems.of(accepted, Optional.empty(), new OfflineGrowth.None());
    List<Problem> started =
        StorageProblems.of(
            Snapshots.with(accepted, Pods.started(accepted)),
            Optional.empty(),
            new OfflineGrowth.None());

    // Then
    assertThat(stopped)
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).contains("when the server starts"));
    assertThat(started)
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem.message()).contains("no such device").doesNotContain(IN_USE));
  }

  @ParameterizedTest(name = "{0} MiB reported, {1} MiB found: {2}")
  @CsvSource({
    ",    200, 200Mi",
    "200, 151, 200Mi",
    "200, 251, 200Mi",
    "200, 148, 148Mi",
    "200, 252, 252Mi"
  })
  void updatesUsedSpaceOnceItDiffersByTwentiethOfVolume(Integer reported, long found, String used) {
    // Given
    Snapshot snapshot = Snapshots.resizing("1Gi", "1Gi", Map.of());
    Snapshot before =
        reported == null ? snapshot : Snapshots.withStatus(snapshot, used(snapshot, reported));

    // When
    PostgresInstanceStatus status = used(before, found);

    // Then
    assertThat(status.storage().used()).isEqualTo(new Quantity(used));
  }

  @Test
  void keepsNearlyFullUntilUseFallsBelowLowerThreshold() {
    // Given
    Snapshot snapshot = Snapshots.resizing("1Gi", "1Gi", Map.of());

    // When
    Snapshot full = Snapshots.withStatus(snapshot, used(snapshot, 871));
    Snapshot less = Snapshots.withStatus(full, used(full, 820));
    Snapshot belowThreshold = Snapshots.withStatus(less, used(less, 819));
    Snapshot again = Snapshots.withStatus(belowThreshold, used(belowThreshold, 870));

    // Then
    assertThat(Stream.of(full, less, belowThreshold, again))
        .extracting(s -> s.instance().condition(ConditionType.STORAGE_READY).orElseThrow())
        .extracting(Condition::getReason)
        .containsExactly("NearlyFull", "NearlyFull", "VolumeReady", "VolumeReady");
    assertThat(less.instance().condition(ConditionType.STORAGE_READY).orElseThrow().getMessage())
        .startsWith("At least 85 % of the volume has been used, and at least 80 % still is.");
  }

  private static PostgresInstanceStatus used(Snapshot snapshot, long mebibytes) {
    VolumeUse use = new VolumeUse(mebibytes * MEBIBYTE, 1024 * MEBIBYTE, false);
    ServerFindings findings = ServerFindings.NONE.with(VolumeTask.VOLUME_USE, use);
    return Statuses.of(
        new Observation(
            snapshot,
            new LoginResult.LoggedIn("17.6", findings),
            StorageProblems.of(snapshot, Optional.of(use), new OfflineGrowth.None()),
            List.of()),
        NOW);
  }

  private static PostgresInstanceStatus status(Snapshot snapshot, OfflineGrowth growth) {
    return Statuses.of(
        new Observation(
            snapshot,
            new LoginResult.Pending(),
            StorageProblems.of(snapshot, Optional.empty(), growth),
            List.of()),
        NOW);
  }
}
