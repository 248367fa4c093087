package dev.postgresinstance.operator.feature.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DueBackupTest {

  private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");
  private static final Optional<ShipperReport> REPORT =
      Optional.of(Backups.report("2026-01-05T12:00:00Z"));

  @Test
  void archiveWithoutBackupGetsOneAtOnce() {
    // Given
    Snapshot snapshot = Backups.instance();

    // When
    Optional<DueBackup> due = DueBackup.of(snapshot, REPORT, NOW);

    // Then
    assertThat(due).contains(new DueBackup("orders-20260105-120000", Optional.empty()));
    PostgresBackup created = due.orElseThrow().desired(snapshot);
    assertThat(created.getSpec().instanceRef().name()).isEqualTo("orders");
    assertThat(created.getMetadata().getOwnerReferences()).isEmpty();
    assertThat(Identity.of(created)).contains(Snapshots.UID);
  }

  @Test
  void nothingIsCreatedBeforeThereIsAnArchive() {
    assertThat(DueBackup.of(Backups.instance(), Optional.empty(), NOW)).isEmpty();
    assertThat(
            DueBackup.of(
                Backups.instance(),
                Optional.of(
                    new ShipperReport(
                        Backups.LINEAGE, null, null, "AccessDenied", "because", null)),
                NOW))
        .isEmpty();
  }

  @Test
  void backupOfTheSameLineageSuffices() {
    // Given
    Snapshot snapshot =
        Snapshots.with(
            Backups.instance(),
            Backups.complete("manual", Backups.LINEAGE, "2026-01-03T00:00:00Z"));

    // When, Then
    assertThat(DueBackup.of(snapshot, REPORT, NOW)).isEmpty();
  }

  @Test
  void newLineageGetsABackupOfItsOwn() {
    // Given
    Snapshot snapshot =
        Snapshots.with(
            Backups.instance(), Backups.complete("manual", "former", "2026-01-03T00:00:00Z"));

    // When, Then
    assertThat(DueBackup.of(snapshot, REPORT, NOW)).isPresent();
  }

  @Test
  void unfinishedBackupIsAwaited() {
    // Given
    Snapshot snapshot = Snapshots.with(Backups.instance(), Backups.pending("manual", ""));

    // When, Then
    assertThat(DueBackup.of(snapshot, REPORT, NOW)).isEmpty();
  }

  @Test
  void failedFirstBackupIsRepeatedAfterAWhile() {
    // Given
    Snapshot snapshot =
        Snapshots.with(Backups.instance(), Backups.failed("first", "2026-01-05T11:50:00Z"));

    // When, Then
    assertThat(DueBackup.of(snapshot, REPORT, NOW)).isEmpty();
    assertThat(DueBackup.of(snapshot, REPORT, NOW.plusSeconds(600))).isPresent();
  }

  @Test
  void failureBeforeTheLineageBeganDelaysNothing() {
    // Given
    Snapshot snapshot =
        Snapshots.with(Backups.instance(), Backups.failed("first", "2026-01-05T11:50:00Z"));
    ShipperReport report =
        new ShipperReport(
            Backups.LINEAGE, "2026-01-05T11:51:00Z", "2026-01-05T12:00:00Z", null, null, null);

    // When, Then
    assertThat(DueBackup.of(snapshot, Optional.of(report), NOW)).isPresent();
  }

  @Test
  void scheduledBackupIsNamedAfterItsMomentAndCreatedOnce() {
    // Given
    Snapshot snapshot = Backups.instance(", schedule: \"0 3 * * *\"");

    // When
    DueBackup due = DueBackup.of(snapshot, REPORT, NOW).orElseThrow();

    // Then
    assertThat(due.name()).isEqualTo("orders-20260105-030000");
    Snapshot created = Snapshots.with(snapshot, due.desired(snapshot));
    assertThat(DueBackup.of(created, REPORT, NOW)).isEmpty();
    assertThat(DueBackup.lastSchedule(created)).isEqualTo("2026-01-05T03:00:00Z");
  }

  @Test
  void momentsBeforeTheBackupWasSwitchedOnAreNotDue() {
    // Given
    Snapshot snapshot =
        Snapshots.with(
            Backups.instance(", schedule: \"0 3 1 12 *\""), // the last one was in 2025
            Backups.complete("manual", Backups.LINEAGE, "2026-01-03T00:00:00Z"));

    // When, Then
    assertThat(DueBackup.of(snapshot, REPORT, NOW)).isEmpty();
  }
}
