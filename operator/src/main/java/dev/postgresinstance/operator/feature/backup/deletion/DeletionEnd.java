package dev.postgresinstance.operator.feature.backup.deletion;

import dev.postgresinstance.operator.feature.backup.pod.ContainerEnd;
import dev.postgresinstance.operator.feature.backup.pod.JobRun;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.Snapshot;
import java.time.Instant;
import java.util.Optional;

/**
 * The end of the last deletion of backups.
 *
 * @param time when it had succeeded
 * @param archiveSize bytes of the whole archive in the store afterwards
 */
public record DeletionEnd(Instant time, long archiveSize) {

  /** Empty when no deletion has succeeded for days, or its pod is gone. */
  public static Optional<DeletionEnd> of(Snapshot snapshot) {
    return snapshot
        .get(ObjectKey.BACKUP_DELETION_JOB)
        .filter(job -> Ownership.isOwner(snapshot.instance(), job))
        .map(job -> DeletionJob.run(snapshot, job))
        .flatMap(DeletionEnd::of);
  }

  private static Optional<DeletionEnd> of(JobRun run) {
    return run.success(DeletionJob.DELETE)
        .flatMap(ContainerEnd::result)
        .flatMap(ContainerEnd::archiveSize)
        .flatMap(size -> run.completedAt().map(time -> new DeletionEnd(time, size)));
  }
}
