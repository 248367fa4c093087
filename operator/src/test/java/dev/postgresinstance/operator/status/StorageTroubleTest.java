package dev.postgresinstance.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.children.OfflineGrowth;
import dev.postgresinstance.operator.children.Pods;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.children.Worlds;
import dev.postgresinstance.operator.postgres.Findings;
import dev.postgresinstance.operator.postgres.LoginResult;
import dev.postgresinstance.operator.postgres.VolumeUse;
import dev.postgresinstance.operator.status.InstanceStatus.Observation;
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

class StorageTroubleTest {

  private static final Instant NOW = Worlds.REFUSED_AT;
  private static final long MEBIBYTE = 1024 * 1024;
  private static final String IN_USE = "code = FailedPrecondition desc = in use";

  private final World refused =
      Worlds.growing("1Gi", "2Gi", Map.of(OfflineGrowth.RESIZE_ERROR, IN_USE));
  private final World running = Worlds.with(refused, Pods.started(refused));

  @Test
  void serverThatMakesWayIsSaidToComeBack() {
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
  void whileItEndsThatIsWhatIsSaid() {
    // Given
    World ending = Worlds.with(refused, Pods.dying(Pods.started(refused)));

    // When
    PostgresInstanceStatus status = status(ending, new OfflineGrowth.Away(Optional.empty()));

    // Then
    assertThat(status.conditions().getFirst().getMessage()).contains("is being stopped");
  }

  @Test
  void whatWasInVainIsRefusedInTheDriversWords() {
    // Given
    OfflineGrowth tried = new OfflineGrowth.Tried(Optional.of(NOW), true);

    // When
    List<Trouble> troubles = StorageTrouble.of(running, Optional.empty(), tried);

    // Then
    assertThat(troubles)
        .singleElement()
        .satisfies(
            trouble -> {
              assertThat(trouble.reason().word()).isEqualTo("ResizeRefused");
              assertThat(trouble.keepsFromReady()).isFalse();
              assertThat(trouble.message()).contains("its size of 1Gi", "2Gi", IN_USE);
            });
  }

  @Test
  void whatTheDriverRefusedBeforeItGrewTheVolumeIsNotRepeated() {
    // Given
    World accepted =
        Worlds.growing(
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
    List<Trouble> stopped = StorageTrouble.of(accepted, Optional.empty(), new OfflineGrowth.None());
    List<Trouble> started =
        StorageTrouble.of(
            Worlds.with(accepted, Pods.started(accepted)),
            Optional.empty(),
            new OfflineGrowth.None());

    // Then
    assertThat(stopped)
        .singleElement()
        .satisfies(trouble -> assertThat(trouble.message()).contains("when the server starts"));
    assertThat(started)
        .singleElement()
        .satisfies(
            trouble ->
                assertThat(trouble.message()).contains("no such device").doesNotContain(IN_USE));
  }

  @ParameterizedTest(name = "{0} MiB told, {1} found: {2}")
  @CsvSource({
    ",    200, 200Mi",
    "200, 151, 200Mi",
    "200, 251, 200Mi",
    "200, 148, 148Mi",
    "200, 252, 252Mi"
  })
  void spaceUsedIsToldAnewOnceItIsOffByATwentiethOfTheVolume(
      Integer told, long found, String used) {
    // Given
    World world = Worlds.growing("1Gi", "1Gi", Map.of());
    World before = told == null ? world : Worlds.said(world, used(world, told));

    // When
    PostgresInstanceStatus status = used(before, found);

    // Then
    assertThat(status.storage().used()).isEqualTo(new Quantity(used));
  }

  @Test
  void whatWasNearlyFullIsSoUntilThereIsMoreRoomThanLogComesAndGoes() {
    // Given
    World world = Worlds.growing("1Gi", "1Gi", Map.of());

    // When
    World full = Worlds.said(world, used(world, 871));
    World less = Worlds.said(full, used(full, 820));
    World empty = Worlds.said(less, used(less, 819));
    World again = Worlds.said(empty, used(empty, 870));

    // Then
    assertThat(Stream.of(full, less, empty, again))
        .extracting(w -> w.instance().condition(ConditionType.STORAGE_READY).orElseThrow())
        .extracting(Condition::getReason)
        .containsExactly("NearlyFull", "NearlyFull", "VolumeReady", "VolumeReady");
  }

  private static PostgresInstanceStatus used(World world, long mebibytes) {
    VolumeUse use = new VolumeUse(mebibytes * MEBIBYTE, 1024 * MEBIBYTE, false);
    Findings findings =
        new Findings(
            Optional.empty(),
            Optional.empty(),
            Optional.of(use),
            Optional.empty(),
            Optional.empty());
    return InstanceStatus.of(
        new Observation(
            world,
            new LoginResult.LoggedIn("17.6", findings),
            StorageTrouble.of(world, Optional.of(use), new OfflineGrowth.None()),
            List.of()),
        NOW);
  }

  private static PostgresInstanceStatus status(World world, OfflineGrowth growth) {
    return InstanceStatus.of(
        new Observation(
            world,
            new LoginResult.Pending(),
            StorageTrouble.of(world, Optional.empty(), growth),
            List.of()),
        NOW);
  }
}
