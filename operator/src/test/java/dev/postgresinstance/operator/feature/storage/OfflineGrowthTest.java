package dev.postgresinstance.operator.feature.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.feature.storage.OfflineGrowth.Away;
import dev.postgresinstance.operator.feature.storage.OfflineGrowth.Due;
import dev.postgresinstance.operator.feature.storage.OfflineGrowth.None;
import dev.postgresinstance.operator.feature.storage.OfflineGrowth.Tried;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OfflineGrowthTest {

  private static final Instant NOW = Snapshots.REFUSED_AT;
  private static final String IN_USE = "rpc error: code = FailedPrecondition desc = in use";
  private static final String PENDING = "FileSystemResizePending";

  private final Snapshot grown = Snapshots.resizing("2Gi", "2Gi", Map.of());
  private final Snapshot refused =
      Snapshots.resizing("1Gi", "2Gi", Map.of(OfflineGrowth.RESIZE_ERROR, IN_USE));
  private final Snapshot accepted =
      Snapshots.resizing("1Gi", "2Gi", Map.of(OfflineGrowth.RESIZE_ERROR, IN_USE, PENDING, ""));

  @Test
  void stopsPodOnlyWhenDriverReportsVolumeInUse() {
    // Given
    Snapshot full =
        Snapshots.resizing(
            "1Gi", "2Gi", Map.of(OfflineGrowth.RESIZE_ERROR, "code = ResourceExhausted"));

    // Then
    assertThat(OfflineGrowth.of(running(refused), NOW)).isEqualTo(new Due());
    assertThat(OfflineGrowth.of(running(full), NOW)).isEqualTo(new None());
    assertThat(OfflineGrowth.of(running(Snapshots.resizing("1Gi", "2Gi", Map.of())), NOW))
        .isEqualTo(new None());
  }

  @Test
  void ignoresRefusalOfDriverOnceVolumeHasGrown() {
    assertThat(OfflineGrowth.of(running(accepted), NOW)).isEqualTo(new None());
    assertThat(
            OfflineGrowth.of(
                running(
                    Snapshots.resizing("2Gi", "2Gi", Map.of(OfflineGrowth.RESIZE_ERROR, IN_USE))),
                NOW))
        .isEqualTo(new None());
  }

  @Test
  void keepsPodStoppedUntilDriverHasGrownVolume() {
    // When
    StatefulSet begun = next(running(refused), new Away(Optional.empty()));

    // Then
    assertThat(begun.getSpec().getReplicas()).isZero();
    Snapshot ending = running(refused).with(begun);
    assertThat(OfflineGrowth.of(ending, NOW)).isEqualTo(new Away(Optional.empty()));
    Snapshot ended = refused.with(begun);
    Instant end = NOW.plus(OfflineGrowth.SHORTEST_STOP);
    assertThat(OfflineGrowth.of(ended, NOW)).isEqualTo(new Away(Optional.of(end)));

    // When
    StatefulSet away = next(ended, NOW);

    // Then
    assertThat(away.getSpec().getReplicas()).isZero();
    assertThat(OfflineGrowth.of(refused.with(away), end.minusMillis(1)))
        .isEqualTo(new Away(Optional.of(end)));
    StatefulSet back = next(accepted.with(away), NOW);
    assertThat(back.getSpec().getReplicas()).isEqualTo(1);
    assertThat(OfflineGrowth.of(running(accepted).with(back), NOW))
        .isEqualTo(new Tried(Optional.of(end), false));
    assertThat(next(running(grown).with(back), NOW).getMetadata().getAnnotations())
        .doesNotContainKeys(Labels.POD_AWAY_FOR, Labels.POD_AWAY_UNTIL);
  }

  @Test
  void triesAgainOnlyForAnotherSizeOrRestartRequest() {
    // Given
    StatefulSet away = next(refused.with(next(refused, new Away(Optional.empty()))), NOW);
    Instant end = NOW.plus(OfflineGrowth.SHORTEST_STOP);

    // When
    StatefulSet back = next(refused.with(away), end);

    // Then
    assertThat(back.getSpec().getReplicas()).isEqualTo(1);
    Snapshot after = running(refused).with(back);
    assertThat(OfflineGrowth.of(after, end.plusSeconds(9999)))
        .isEqualTo(new Tried(Optional.of(end), true));
    Snapshot larger = Snapshots.resizing("1Gi", "3Gi", Map.of(OfflineGrowth.RESIZE_ERROR, IN_USE));
    assertThat(OfflineGrowth.of(running(larger).with(back), end)).isEqualTo(new Due());
    after.instance().getMetadata().setAnnotations(Map.of(Labels.RESTART, "now"));
    assertThat(OfflineGrowth.of(after, end)).isEqualTo(new Due());
  }

  @ParameterizedTest(name = "refused for {0} s: stopped for {1} s")
  @CsvSource({"-1, 90", "10, 90", "200, 200", "9999, 360"})
  void stopsPodAsLongAsDriverHasRefusedWithinLimits(long refusedFor, long stoppedFor) {
    // Given
    Snapshot away = refused.with(next(refused, new Away(Optional.empty())));

    // When
    OfflineGrowth growth = OfflineGrowth.of(away, NOW.plusSeconds(refusedFor));

    // Then
    assertThat(growth)
        .isEqualTo(new Away(Optional.of(NOW.plusSeconds(refusedFor).plusSeconds(stoppedFor))));
  }

  @Test
  void keepsPodStoppedWhenSizeChangesMeanwhile() {
    // Given
    StatefulSet away = next(refused.with(next(refused, new Away(Optional.empty()))), NOW);
    Snapshot larger =
        Snapshots.resizing("1Gi", "3Gi", Map.of(OfflineGrowth.RESIZE_ERROR, IN_USE)).with(away);

    // When
    OfflineGrowth growth = OfflineGrowth.of(larger, NOW);

    // Then
    assertThat(growth).isEqualTo(new Away(Optional.of(NOW.plus(OfflineGrowth.SHORTEST_STOP))));
  }

  @Test
  void doesNothingForSuspendedInstance() {
    // Given
    Snapshot suspended = Snapshots.withSpec(refused, "{storage: {size: 2Gi}, suspend: true}");

    // When
    OfflineGrowth growth = OfflineGrowth.of(suspended, NOW);

    // Then
    assertThat(growth).isEqualTo(new None());
  }

  private static Snapshot running(Snapshot snapshot) {
    return Snapshots.with(snapshot, Pods.started(snapshot));
  }

  private static StatefulSet next(Snapshot snapshot, Instant now) {
    return next(snapshot, OfflineGrowth.of(snapshot, now));
  }

  private static StatefulSet next(Snapshot snapshot, OfflineGrowth growth) {
    return growth.applyTo(
        snapshot, Pods.statefulSet(snapshot, PostgresImages.DEFAULT, Optional.empty()));
  }
}
