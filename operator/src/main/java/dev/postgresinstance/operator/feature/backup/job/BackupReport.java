package dev.postgresinstance.operator.feature.backup.job;

import dev.postgresinstance.api.v1alpha1.ArchiveLocation;
import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresBackupStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Complete;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Fail;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Run;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Start;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Wait;
import dev.postgresinstance.operator.feature.backup.record.Backup;
import dev.postgresinstance.operator.report.EventMessage;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** What users see of a decision: the status of the PostgresBackup, and an Event at its end. */
public final class BackupReport {

  /** Limit for messages that quote other programs; the API would accept 32,768 characters. */
  private static final int MAX_MESSAGE = 2_000;

  private static final long MEBIBYTE = 1L << 20;
  private static final long GIBIBYTE = 1L << 30;

  /** From this size on, a mebibyte is no information. */
  private static final long LARGE = 10 * GIBIBYTE;

  private BackupReport() {}

  /** The status; empty when it stays as it is. */
  public static Optional<PostgresBackupStatus> status(
      PostgresBackup backup, BackupDecision decision, Instant now) {
    return switch (decision) {
      case BackupDecision.Nothing nothing -> Optional.empty();
      case Wait(String message) ->
          Optional.of(without(backup, condition(backup, Reason.BACKUP_PENDING, message, now)));
      case Start(var job) ->
          Optional.of(
              without(
                  backup, condition(backup, Reason.BACKUP_RUNNING, BackupJob.running(job), now)));
      case Run(String message) ->
          Optional.of(without(backup, condition(backup, Reason.BACKUP_RUNNING, message, now)));
      case Fail fail ->
          Optional.of(
              without(backup, condition(backup, Reason.BACKUP_FAILED, fail.message(), now)));
      case Complete complete -> Optional.of(complete(backup, complete, now));
    };
  }

  /** The Event that reports the end of the backup; empty when the decision does not end it. */
  public static Optional<EventMessage> event(PostgresBackupStatus status) {
    return status
        .condition(PostgresBackupStatus.COMPLETE)
        .flatMap(
            condition ->
                Reason.of(condition.getReason())
                    .filter(r -> r == Reason.BACKUP_COMPLETED || r == Reason.BACKUP_FAILED)
                    .map(reason -> EventMessage.transition(reason, condition.getMessage())));
  }

  private static PostgresBackupStatus complete(
      PostgresBackup backup, Complete complete, Instant now) {
    BackupResult result = complete.result();
    Quantity size = rounded(result.size());
    Quantity storedSize = rounded(result.storedSize());
    String message =
        "The backup and the write-ahead log up to its end are in the store: %s of data%s, stored in %s.%s"
            .formatted(
                size,
                complete.parent().map(" that has changed since "::concat).orElse(""),
                storedSize,
                result
                    .retentionProblem()
                    .map(" Older backups could not be deleted: "::concat)
                    .orElse(""));
    return new PostgresBackupStatus(
        backup.getMetadata().getGeneration(),
        List.of(condition(backup, Reason.BACKUP_COMPLETED, message, now)),
        seconds(result.startedAt()),
        seconds(complete.completedAt()),
        result.startLsn(),
        result.stopLsn(),
        result.timeline(),
        result.version(),
        size,
        storedSize,
        complete.parent().orElse(null),
        complete
            .archive()
            .map(at -> new ArchiveLocation(at.store(), at.instanceId(), result.lineage()))
            .orElse(null),
        result.name(),
        null,
        result.archiveSize().map(BackupReport::rounded).orElse(null));
  }

  /** The status of a backup that the instance has verified; empty when it stays as it is. */
  public static Optional<PostgresBackupStatus> verified(
      PostgresBackup backup, Optional<BackupStatus> archive) {
    Backup complete = new Backup(backup);
    Optional<String> instanceId = archive.map(BackupStatus::instanceId);
    return archive
        .map(BackupStatus::lastVerification)
        .filter(last -> Boolean.TRUE.equals(last.succeeded()))
        .filter(last -> complete.isComplete() && complete.name().equals(last.backup()))
        .filter(last -> complete.archive().map(ArchiveLocation::instanceId).equals(instanceId))
        .map(last -> backup.getStatus().withVerifiedTime(last.time()))
        .filter(status -> !status.equals(backup.getStatus()));
  }

  private static PostgresBackupStatus without(PostgresBackup backup, Condition condition) {
    return new PostgresBackupStatus(
        backup.getMetadata().getGeneration(),
        List.of(condition),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private static Condition condition(
      PostgresBackup backup, Reason reason, String message, Instant now) {
    String status = reason == Reason.BACKUP_COMPLETED ? "True" : "False";
    return new ConditionBuilder()
        .withType(PostgresBackupStatus.COMPLETE)
        .withStatus(status)
        .withReason(reason.word())
        .withMessage(Text.abbreviate(message, MAX_MESSAGE))
        .withObservedGeneration(backup.getMetadata().getGeneration())
        .withLastTransitionTime(
            new Backup(backup)
                .condition()
                .filter(before -> before.getStatus().equals(status))
                .map(Condition::getLastTransitionTime)
                .orElseGet(() -> seconds(now)))
        .build();
  }

  private static String seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** Rounded up, so that a small size is not zero. */
  public static Quantity rounded(long bytes) {
    return bytes < LARGE
        ? new Quantity(Math.ceilDiv(bytes, MEBIBYTE) + "Mi")
        : new Quantity(Math.ceilDiv(bytes, GIBIBYTE) + "Gi");
  }
}
