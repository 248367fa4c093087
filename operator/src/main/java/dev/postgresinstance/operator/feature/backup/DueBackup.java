package dev.postgresinstance.operator.feature.backup;

import dev.postgresinstance.api.v1alpha1.BackupSpec;
import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.InstanceReference;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresBackupSpec;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.feature.backup.record.Backup;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A base backup that the operator requests: because the schedule says so, or because there is none
 * from which the archive as it is now can be restored.
 *
 * @param name name of the PostgresBackup
 * @param scheduled the moment of the schedule; empty for a backup without which nothing could be
 *     restored
 */
record DueBackup(String name, Optional<Instant> scheduled) {

  /** After a failure, the next attempt is made this long afterwards. */
  private static final Duration RETRY = Duration.ofMinutes(15);

  private static final DateTimeFormatter SUFFIX =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  /**
   * The base backup that has to be created now; empty when there is none.
   *
   * @param report the last report of the backup pod
   */
  static Optional<DueBackup> of(Snapshot snapshot, Optional<ShipperReport> report, Instant now) {
    BackupSpec spec = snapshot.instance().getSpec().backup();
    Optional<String> lineage = report.map(ShipperReport::lineage);
    if (lineage.isEmpty() || report.get().problem() != null) {
      return Optional.empty(); // the archive could not take it
    }
    return BackupSchedule.ofBackups(spec)
        .due(lastSchedule(snapshot), now)
        .map(moment -> new DueBackup(name(snapshot, moment), Optional.of(moment)))
        .or(() -> first(snapshot, report.get(), now))
        .filter(due -> !exists(snapshot, due.name));
  }

  private static Optional<DueBackup> first(Snapshot snapshot, ShipperReport report, Instant now) {
    List<Backup> backups = Backup.of(snapshot);
    boolean isThere =
        backups.stream()
            .anyMatch(backup -> !backup.isFinal() || backup.isCompleteIn(report.lineage()));
    // One of the former lineage may have failed only because its server was stopped.
    Instant began = Backup.instant(report.since()).orElse(Instant.EPOCH);
    boolean hasJustFailed =
        backups.stream()
            .filter(Backup::hasFailed)
            .flatMap(backup -> backup.ended().stream())
            .filter(ended -> !ended.isBefore(began))
            .anyMatch(ended -> ended.plus(RETRY).isAfter(now));
    return isThere || hasJustFailed
        ? Optional.empty()
        : Optional.of(new DueBackup(name(snapshot, now), Optional.empty()));
  }

  private static boolean exists(Snapshot snapshot, String name) {
    return snapshot.surroundings().backups().stream()
        .anyMatch(backup -> backup.getMetadata().getName().equals(name));
  }

  private static String name(Snapshot snapshot, Instant moment) {
    return snapshot.instance().getMetadata().getName() + "-" + SUFFIX.format(moment);
  }

  /**
   * The last moment of the schedule that is not due any more. The backups themselves tell it as
   * well, because the status is written after them.
   */
  static Instant lastSchedule(Snapshot snapshot) {
    Stream<Instant> backups =
        Backup.of(snapshot).stream().flatMap(backup -> backup.scheduled().stream());
    Stream<Instant> status =
        snapshot
            .previousStatus()
            .get(PostgresInstanceStatus::backup)
            .map(BackupStatus::lastScheduleTime)
            .flatMap(Backup::instant)
            .stream();
    return Stream.concat(backups, status)
        .max(Instant::compareTo)
        .orElseGet(() -> Backup.instant(started(snapshot)).orElse(Instant.EPOCH));
  }

  /** Before the first backup, moments before the backup was requested are not due. */
  private static String started(Snapshot snapshot) {
    return snapshot
        .get(ObjectKey.BACKUP_SECRET)
        .map(secret -> secret.getMetadata().getCreationTimestamp())
        .orElse(snapshot.instance().getMetadata().getCreationTimestamp());
  }

  /** The PostgresBackup. It outlives its instance, so it has no owner. */
  PostgresBackup desired(Snapshot snapshot) {
    PostgresBackup backup = new PostgresBackup();
    Map<String, String> labels = Labels.of(snapshot.instance(), "backup");
    backup.setMetadata(
        new ObjectMetaBuilder()
            .withName(name)
            .withNamespace(snapshot.instance().getMetadata().getNamespace())
            .withLabels(labels)
            .addToAnnotations(Labels.INSTANCE_ID, Identity.of(snapshot))
            .build());
    scheduled.ifPresent(
        moment -> backup.getMetadata().getAnnotations().put(Labels.SCHEDULED, moment.toString()));
    backup.setSpec(
        new PostgresBackupSpec(
            new InstanceReference(snapshot.instance().getMetadata().getName()), null));
    return backup;
  }

  /** Why it is made, as the end of a sentence. */
  String why() {
    return scheduled
        .map(moment -> "the schedule asks for it at " + moment)
        .orElse("without it, the archive could not be restored");
  }
}
