package dev.postgresinstance.operator.feature.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.operator.feature.backup.deletion.DeletionEnd;
import dev.postgresinstance.operator.feature.backup.record.Backup;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoredSizeTest {

  private static final String FIRST = "2026-11-01T03:00:00Z";
  private static final String SECOND = "2026-11-02T03:00:00Z";
  private static final Optional<DeletionEnd> NO_DELETION = Optional.empty();

  @Test
  void isUnknownBeforeTheFirstBackup() {
    assertThat(StoredSize.of(NO_DELETION, Optional.empty(), Optional.empty())).isEmpty();
  }

  @Test
  void isThatOfTheLastBackup() {
    assertThat(StoredSize.of(NO_DELETION, backup(FIRST, "70Mi"), Optional.empty()))
        .contains(new Quantity("70Mi"));
    assertThat(StoredSize.of(NO_DELETION, backup(SECOND, "90Mi"), status(FIRST, "70Mi")))
        .contains(new Quantity("90Mi"));
  }

  @Test
  void isThatOfADeletionUntilTheNextBackup() {
    // Given
    Optional<DeletionEnd> deletion =
        Optional.of(new DeletionEnd(Instant.parse("2026-11-01T12:00:00Z"), 50L << 20));

    // When, then
    assertThat(StoredSize.of(deletion, backup(FIRST, "70Mi"), status(FIRST, "70Mi")))
        .contains(new Quantity("50Mi"));
    assertThat(StoredSize.of(deletion, backup(SECOND, "60Mi"), status(FIRST, "50Mi")))
        .contains(new Quantity("60Mi"));
  }

  @Test
  void staysWhenNothingNewIsKnown() {
    // The Job of a deletion is gone.
    assertThat(StoredSize.of(NO_DELETION, backup(FIRST, "70Mi"), status(FIRST, "50Mi")))
        .contains(new Quantity("50Mi"));
    // The PostgresBackup of the last backup is gone.
    assertThat(StoredSize.of(NO_DELETION, backup(FIRST, "70Mi"), status(SECOND, "90Mi")))
        .contains(new Quantity("90Mi"));
    // The program could not list the store.
    assertThat(StoredSize.of(NO_DELETION, backup(SECOND, "null"), status(FIRST, "70Mi")))
        .contains(new Quantity("70Mi"));
  }

  private static Optional<Backup> backup(String completedAt, String archiveSize) {
    return Optional.of(
        new Backup(Backups.complete("nightly", Backups.LINEAGE, completedAt, archiveSize)));
  }

  private static Optional<BackupStatus> status(String lastBackupTime, String storedSize) {
    return Optional.of(
        new BackupStatus(
            null,
            null,
            null,
            null,
            lastBackupTime,
            null,
            null,
            null,
            null,
            null,
            new Quantity(storedSize)));
  }
}
