package dev.postgresinstance.operator.feature.backup.record;

import dev.postgresinstance.api.v1alpha1.ArchiveLocation;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresBackupStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A PostgresBackup of an instance, as its status tells.
 *
 * @param resource the resource
 */
public record Backup(PostgresBackup resource) {

  /** Those that have ended in the order of their ends, then the others. Names tell nothing. */
  private static final Comparator<Backup> BY_END =
      Comparator.<Backup, Instant>comparing(backup -> backup.ended().orElse(Instant.MAX))
          .thenComparing(Backup::name);

  /**
   * The backups of an instance, without those of a former one of its name: the one that ended first
   * comes first.
   */
  public static List<Backup> of(Snapshot snapshot) {
    String id = Identity.of(snapshot);
    return snapshot.surroundings().backups().stream()
        .map(Backup::new)
        .filter(backup -> backup.archive().map(ArchiveLocation::instanceId).orElse(id).equals(id))
        .sorted(BY_END)
        .toList();
  }

  /** Where it lies; empty until it is complete. */
  public Optional<ArchiveLocation> archive() {
    return status().map(PostgresBackupStatus::archive);
  }

  /** Name of the resource. */
  public String name() {
    return resource.getMetadata().getName();
  }

  /** Whether it can be restored. */
  public boolean isComplete() {
    return condition().filter(complete -> "True".equals(complete.getStatus())).isPresent();
  }

  /** Whether it can be restored with the write-ahead log of a lineage. */
  public boolean isCompleteIn(String lineage) {
    return isComplete()
        && archive().map(ArchiveLocation::lineage).filter(lineage::equals).isPresent();
  }

  /** Whether it has failed for good. */
  public boolean hasFailed() {
    return condition()
        .filter(complete -> Reason.BACKUP_FAILED.word().equals(complete.getReason()))
        .isPresent();
  }

  /** Whether its state does not change any more. */
  public boolean isFinal() {
    return isComplete() || hasFailed();
  }

  /** Whether its Job has started and not ended. */
  public boolean isRunning() {
    return condition()
        .filter(complete -> Reason.BACKUP_RUNNING.word().equals(complete.getReason()))
        .isPresent();
  }

  /** Name of its folder in the archive; empty until it is complete. */
  public Optional<String> archiveName() {
    return status().map(PostgresBackupStatus::archiveName);
  }

  /** Size of the whole archive in the store when it was complete; empty if that is not known. */
  public Optional<Quantity> archiveSize() {
    return status().map(PostgresBackupStatus::archiveSize);
  }

  /** The message of its condition; empty before the first one. */
  public String message() {
    return condition().map(Condition::getMessage).orElse("");
  }

  /** When it was complete, or has failed. */
  public Optional<Instant> ended() {
    return condition()
        .filter(complete -> isFinal())
        .map(Condition::getLastTransitionTime)
        .flatMap(Backup::instant);
  }

  /** The moment from which on it makes the archive recoverable. */
  public Optional<Instant> completed() {
    return status().map(PostgresBackupStatus::completedAt).flatMap(Backup::instant);
  }

  /** The moment of the schedule for which it was made; empty for another one. */
  public Optional<Instant> scheduled() {
    return Annotations.get(resource, Labels.SCHEDULED).flatMap(Backup::instant);
  }

  private Optional<PostgresBackupStatus> status() {
    return Optional.ofNullable(resource.getStatus());
  }

  /** Its only condition; empty before the first reconciliation. */
  public Optional<Condition> condition() {
    return status().flatMap(status -> status.condition(PostgresBackupStatus.COMPLETE));
  }

  /** A time in RFC 3339; empty for another text. */
  public static Optional<Instant> instant(String text) {
    try {
      return Optional.ofNullable(text).map(OffsetDateTime::parse).map(OffsetDateTime::toInstant);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
