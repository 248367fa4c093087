package dev.postgresinstance.operator.feature.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.backup.verification.VerificationStories;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ArchiveStateTest {

  private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");

  private final Snapshot withoutBackup = Backups.instance();
  private final Snapshot backedUp =
      Snapshots.with(
          withoutBackup, Backups.complete("nightly", Backups.LINEAGE, "2026-01-03T00:00:00Z"));

  @Test
  void isReadyWithRecentLogAndCompleteBackup() {
    ArchiveState state = state(backedUp, found(Backups.report("2026-01-05T11:59:00Z"), 0));

    assertThat(state.isReady()).isTrue();
    assertThat(state.reason()).isEqualTo(Reason.ARCHIVING);
    assertThat(state.message()).contains("nightly");
  }

  @Test
  void reportsGapWhileReady() {
    ShipperReport report =
        new ShipperReport(
            Backups.LINEAGE,
            "2026-01-04T00:00:00Z",
            "2026-01-05T11:59:00Z",
            null,
            null,
            "The slot is lost.");

    ArchiveState state = state(backedUp, found(report, 0));

    assertThat(state.isReady()).isTrue();
    assertThat(state.message()).contains("a gap before 2026-01-04T00:00:00Z: The slot is lost.");
  }

  @Test
  void failedVerificationIsReportedUntilOneSucceeds() {
    // Given
    String failed =
        ", lastVerification: {backup: orders-second, time: \"2026-01-05T06:00:00Z\", succeeded: false, message: It is bad.}";
    ArchiveFindings found =
        found(
            new ShipperReport(
                "l2", "2026-01-02T00:00:00Z", "2026-01-05T11:59:00Z", null, null, null),
            0);

    // When
    ArchiveState state = state(VerificationStories.instance("", "", "", failed), found);

    // Then
    assertThat(state.isReady()).isFalse();
    assertThat(state.reason()).isEqualTo(Reason.VERIFICATION_FAILED);
    assertThat(state.message())
        .contains("orders-second", "It is bad. ")
        .contains("kubectl annotate -n shop pgi orders postgresinstance.dev/verify-backup=");
    assertThat(
            state(VerificationStories.instance("", "", "", failed.replace("false", "true")), found)
                .isReady())
        .isTrue();
  }

  @Test
  void isStartingBeforeTheFirstBackupIsComplete() {
    ArchiveState state = state(withoutBackup, found(Backups.report("2026-01-05T11:59:00Z"), 0));

    assertThat(state.isReady()).isFalse();
    assertThat(state.reason()).isEqualTo(Reason.ARCHIVE_STARTING);
  }

  @Test
  void backupOfAnotherLineageDoesNotCount() {
    Snapshot former =
        Snapshots.with(
            withoutBackup, Backups.complete("nightly", "former", "2026-01-03T00:00:00Z"));

    assertThat(state(former, found(Backups.report("2026-01-05T11:59:00Z"), 0)).isReady()).isFalse();
  }

  @Test
  void reportsLastBackupThatFailedAlthoughAnEarlierOneIsComplete() {
    Snapshot failed = Snapshots.with(backedUp, Backups.failed("zz-later", "2026-01-05T03:00:00Z"));

    ArchiveState state = state(failed, found(Backups.report("2026-01-05T11:59:00Z"), 0));

    assertThat(state.reason()).isEqualTo(Reason.BACKUP_FAILED);
    assertThat(state.message()).contains("zz-later").contains("because");
  }

  /** People give any names, and those of the schedule begin with digits after the instance. */
  @Test
  void backupThatEndedLastIsTheLastOneWhateverItsName() {
    Snapshot failed = Snapshots.with(backedUp, Backups.failed("zz-manual", "2026-01-04T03:00:00Z"));
    Snapshot healed =
        Snapshots.with(
            failed, Backups.complete("aa-later", Backups.LINEAGE, "2026-01-05T03:00:00Z"));

    ArchiveState state = state(healed, found(Backups.report("2026-01-05T11:59:00Z"), 0));

    assertThat(state.reason()).as(state.message()).isEqualTo(Reason.ARCHIVING);
    assertThat(state.message()).contains("aa-later");
  }

  @Test
  void reportsLogThatDoesNotArrive() {
    ArchiveState state = state(backedUp, found(Backups.report("2026-01-05T11:50:00Z"), 30));

    assertThat(state.reason()).isEqualTo(Reason.ARCHIVE_STOPPED);
    assertThat(state.message()).contains("2026-01-05T11:50:00Z").contains("30%");
  }

  @Test
  void volumeThatIsFullHasToGrow() {
    ShipperReport report =
        new ShipperReport(
            Backups.LINEAGE, null, null, "StoreFull", "The volume with the backups is full", null);
    Snapshot onVolume = Snapshots.of("backup: {store: {volume: {size: 1Gi}}}");

    assertThat(state(onVolume, found(report, 0)).message())
        .isEqualTo("The volume with the backups is full. Raise spec.backup.store.volume.size.");
    assertThat(state(backedUp, found(report, 0)).message()).doesNotContain("volume.size");
  }

  @Test
  void reportsStoreAndSpaceThatIsNearlyUsedUp() {
    ShipperReport report =
        new ShipperReport(
            Backups.LINEAGE,
            null,
            "2026-01-05T11:50:00Z",
            "AccessDenied",
            "The store says no.",
            null);

    assertThat(state(backedUp, found(report, 10)).reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
    assertThat(state(backedUp, found(report, 10)).message()).startsWith("The store says no.");
    assertThat(state(backedUp, found(report, 80)).reason()).isEqualTo(Reason.WAL_SPACE_LOW);
  }

  @Test
  void reportsServerThatHasToRestartFirst() {
    ArchiveFindings found =
        new ArchiveFindings(open(), true, Optional.empty(), Optional.empty(), 0);

    ArchiveState state = state(backedUp, found);

    assertThat(state.reason()).isEqualTo(Reason.RESTART_REQUIRED);
    assertThat(state.message())
        .contains("kubectl annotate -n shop pgi orders postgresinstance.dev/restart=");
  }

  @Test
  void reportsRoleThatIsRejected() {
    ArchiveFindings found =
        new ArchiveFindings(open(), false, Optional.of("FATAL: no"), Optional.empty(), 0);

    assertThat(state(backedUp, found).message()).contains("pgi_backup").contains("FATAL: no");
  }

  @Test
  void podIsStartingForAMomentAndThenItsCauseIsReported() {
    // Given
    Pod young = pod("2026-01-05T11:59:30Z").build();
    Pod old = pod("2026-01-05T11:30:00Z").build();
    Pod waiting =
        pod("2026-01-05T11:59:30Z")
            .withNewStatus()
            .addNewContainerStatus()
            .withName("receiver")
            .withNewState()
            .withNewWaiting("no such image", "ErrImagePull")
            .endState()
            .endContainerStatus()
            .endStatus()
            .build();

    // When, Then
    assertThat(withoutSession(young).reason()).isEqualTo(Reason.ARCHIVE_STARTING);
    assertThat(withoutSession(old).reason()).isEqualTo(Reason.ARCHIVE_STOPPED);
    assertThat(withoutSession(waiting).reason()).isEqualTo(Reason.ARCHIVE_STOPPED);
    assertThat(withoutSession(waiting).message())
        .contains("receiver waits: ErrImagePull: no such image")
        .contains("kubectl describe -n shop pod orders-backup-0");
  }

  @Test
  void withoutImageOrScheduleNothingIsPromised() {
    assertThat(ArchiveState.of(backedUp, Optional.empty(), false, NOW).message())
        .contains("OPERATOR_IMAGE");
    assertThat(
            state(
                    Backups.instance(", schedule: \"61 3 * * *\""),
                    found(Backups.report("2026-01-05T11:59:00Z"), 0))
                .reason())
        .isEqualTo(Reason.SPEC_NOT_UNDERSTOOD);
  }

  private ArchiveState withoutSession(Pod pod) {
    return state(
        Snapshots.with(backedUp, pod),
        new ArchiveFindings(open(), false, Optional.empty(), Optional.empty(), 0));
  }

  private static PodBuilder pod(String created) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("orders-backup-0")
        .withNamespace("shop")
        .withCreationTimestamp(created)
        .endMetadata()
        .withNewStatus()
        .endStatus();
  }

  private static ArchiveState state(Snapshot snapshot, ArchiveFindings found) {
    return ArchiveState.of(snapshot, Optional.of(found), true, NOW);
  }

  private static ArchiveFindings found(ShipperReport report, int kept) {
    return new ArchiveFindings(open(), false, Optional.empty(), Optional.of(report), kept);
  }

  private static ArchiveAccess open() {
    return new ArchiveAccess.Open("secret");
  }
}
