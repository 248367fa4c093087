package dev.postgresinstance.operator.feature.backup.job;

import dev.postgresinstance.api.v1alpha1.ArchiveLocation;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What happens next for a PostgresBackup. */
public sealed interface BackupDecision {

  /** The backup is complete or has failed, or is being deleted: nothing is left to do. */
  record Nothing() implements BackupDecision {}

  /** The backup cannot start yet; the message says what it waits for. */
  record Wait(String message) implements BackupDecision {}

  /** Create the Job. */
  record Start(Job job) implements BackupDecision {}

  /** The Job runs, or the message says why it cannot. */
  record Run(String message) implements BackupDecision {}

  /**
   * The backup is complete.
   *
   * @param result what the program has left
   * @param archive where the backup lies; empty if the Job does not tell
   * @param completedAt when it was complete in the store
   * @param parent the PostgresBackup on which it is based, or its name in the archive if there is
   *     none; empty for a full backup
   * @param outdated the PostgresBackups whose backups the retention has deleted
   */
  record Complete(
      BackupResult result,
      Optional<ArchiveLocation> archive,
      Instant completedAt,
      Optional<String> parent,
      List<PostgresBackup> outdated)
      implements BackupDecision {}

  /**
   * The backup has failed for good.
   *
   * @param message why, and what to do
   * @param leftover the Job that has to be deleted because it would never end; empty for none
   */
  record Fail(String message, Optional<Job> leftover) implements BackupDecision {}
}
