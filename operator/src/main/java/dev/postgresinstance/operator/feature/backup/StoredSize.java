package dev.postgresinstance.operator.feature.backup;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.operator.feature.backup.deletion.DeletionEnd;
import dev.postgresinstance.operator.feature.backup.job.BackupReport;
import dev.postgresinstance.operator.feature.backup.record.Backup;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.Optional;

/** The size of the archive: as the newest of base backups and deletions has found it. */
final class StoredSize {

  private StoredSize() {}

  /**
   * The size; empty before the first base backup.
   *
   * @param deletion the last one that succeeded
   * @param last the last complete backup
   * @param before what the status says so far
   */
  static Optional<Quantity> of(
      Optional<DeletionEnd> deletion, Optional<Backup> last, Optional<BackupStatus> before) {
    Optional<Instant> lastBackup = last.flatMap(Backup::completed);
    Optional<DeletionEnd> newest =
        deletion.filter(end -> lastBackup.filter(time -> time.isAfter(end.time())).isEmpty());
    if (newest.isPresent()) {
      return newest.map(end -> BackupReport.rounded(end.archiveSize()));
    }
    Optional<Quantity> known = before.map(BackupStatus::storedSize);
    Optional<Instant> knownBackup =
        before.map(BackupStatus::lastBackupTime).flatMap(Backup::instant);
    // The Job of a deletion is gone after some days, and an older backup says nothing new.
    boolean isNew =
        known.isEmpty()
            || lastBackup
                .filter(time -> knownBackup.filter(at -> !at.isBefore(time)).isEmpty())
                .isPresent();
    return isNew ? last.flatMap(Backup::archiveSize).or(() -> known) : known;
  }
}
