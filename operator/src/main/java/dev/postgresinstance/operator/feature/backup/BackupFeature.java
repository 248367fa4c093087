package dev.postgresinstance.operator.feature.backup;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.partitioningBy;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.VerificationStatus;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.access.secret.MetadataOnly;
import dev.postgresinstance.operator.feature.backup.claim.BackupClaim;
import dev.postgresinstance.operator.feature.backup.deletion.DeletionEnd;
import dev.postgresinstance.operator.feature.backup.record.Backup;
import dev.postgresinstance.operator.feature.backup.record.DeletableBackups;
import dev.postgresinstance.operator.feature.backup.verification.LastVerification;
import dev.postgresinstance.operator.feature.image.ImageFeature;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.EventMessage;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.SessionTask;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Archives the write-ahead log, and requests base backups.
 *
 * @param image decides the image of the server, which the backup pod runs as well
 * @param operatorImage the image of the operator, for the programs of the backup pod; empty when it
 *     is not known, and there is no backup
 */
public record BackupFeature(ImageFeature image, Optional<String> operatorImage) implements Feature {

  @Override
  public List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return List.of(new ArchiveTask(access(snapshot)));
  }

  private static ArchiveAccess access(Snapshot snapshot) {
    if (snapshot.paused()) {
      return new ArchiveAccess.Unchanged();
    }
    if (!isRequested(snapshot)) {
      return new ArchiveAccess.Closed();
    }
    return BackupSecret.password(snapshot)
        .<ArchiveAccess>map(ArchiveAccess.Open::new)
        .orElseGet(ArchiveAccess.Unchanged::new);
  }

  private static boolean isRequested(Snapshot snapshot) {
    return snapshot.instance().getSpec().backup() != null;
  }

  @Override
  public List<Child<?>> children(WritePhase phase, ReconcileInput input) {
    Snapshot snapshot = input.snapshot();
    return switch (phase) {
      case PUBLISHED_SECRETS ->
          isRequested(snapshot)
              ? List.of(
                  MetadataOnly.fallback(
                      snapshot,
                      ObjectKey.BACKUP_SECRET,
                      BackupSecret.desired(snapshot, input.passwords())))
              : List.of();
      case BACKUP ->
          isRequested(snapshot)
              ? operatorImage.map(program -> backup(input, program)).orElse(List.of())
              : givenUp(snapshot);
      default -> List.of();
    };
  }

  private List<Child<?>> backup(ReconcileInput input, String program) {
    Snapshot snapshot = input.snapshot();
    List<Child<?>> children = new ArrayList<>();
    BackupClaim.child(snapshot).ifPresent(children::add);
    children.add(Child.of(ObjectKey.BACKUP_CONFIG_MAP, BackupConfigMap.desired(snapshot)));
    children.add(
        Child.of(
            ObjectKey.BACKUP_STATEFUL_SET,
            BackupStatefulSet.desired(snapshot, image.plan(input).image(), program)));
    DueBackup.of(
            snapshot,
            input.findings().get(ArchiveTask.ARCHIVE).flatMap(ArchiveFindings::report),
            input.now())
        .map(due -> child(due, snapshot))
        .ifPresent(children::add);
    return children;
  }

  private static Child<PostgresBackup> child(DueBackup due, Snapshot snapshot) {
    return Child.of(ObjectKey.oneOf(PostgresBackup.class, due.name()), due.desired(snapshot))
        .reporting(
            Optional.of(
                EventMessage.action(
                    EventReason.BACKUP_REQUESTED,
                    "Created PostgresBackup %s: %s.".formatted(due.name(), due.why()))));
  }

  private static List<Child<?>> givenUp(Snapshot snapshot) {
    PostgresInstance instance = snapshot.instance();
    List<Child<?>> children = new ArrayList<>();
    snapshot
        .get(ObjectKey.BACKUP_STATEFUL_SET)
        .map(
            present ->
                new StatefulSetBuilder(present)
                    .withMetadata(
                        Labels.givenUp(snapshot, Names.backupStatefulSet(instance), "backup")
                            .build())
                    .withStatus(null)
                    .build())
        .ifPresent(given -> children.add(Child.of(ObjectKey.BACKUP_STATEFUL_SET, given)));
    snapshot
        .get(ObjectKey.BACKUP_CONFIG_MAP)
        .map(
            present ->
                new ConfigMapBuilder()
                    .withMetadata(
                        Labels.givenUp(snapshot, Names.backupConfigMap(instance), "backup").build())
                    .build())
        .ifPresent(given -> children.add(Child.of(ObjectKey.BACKUP_CONFIG_MAP, given)));
    snapshot
        .get(ObjectKey.BACKUP_SECRET)
        .map(present -> BackupSecret.givenUp(snapshot))
        .ifPresent(given -> children.add(Child.of(ObjectKey.BACKUP_SECRET, given)));
    return children;
  }

  @Override
  public void report(Observation observation, Instant now, StatusBuilder status) {
    Snapshot snapshot = observation.snapshot();
    if (!isRequested(snapshot)) {
      return;
    }
    Optional<ArchiveFindings> findings = observation.findings().get(ArchiveTask.ARCHIVE);
    status
        .down()
        .ifPresentOrElse(
            down ->
                status.unknown(
                    ConditionType.BACKUP_READY,
                    down.reason(),
                    "Nothing is known of the archive while no login succeeds."),
            () -> {
              ArchiveState state =
                  ArchiveState.of(snapshot, findings, operatorImage.isPresent(), now);
              Map<Boolean, List<Problem>> problems =
                  observation.of(ConditionType.BACKUP_READY).stream()
                      .collect(partitioningBy(p -> p.reason() == Reason.RESIZE_REFUSED));
              List<Problem> ofVerification = problems.get(false);
              if (state.isReady() && !ofVerification.isEmpty()) {
                status.failed(ConditionType.BACKUP_READY, ofVerification.getFirst());
              } else {
                status.condition(
                    ConditionType.BACKUP_READY,
                    state.isReady(),
                    state.reason(),
                    state.message()
                        + problems.get(true).stream()
                            .map(refused -> " " + refused.message())
                            .collect(joining()));
              }
            });
    status.backup(status(snapshot, findings, status, now));
  }

  private static BackupStatus status(
      Snapshot snapshot, Optional<ArchiveFindings> findings, StatusBuilder status, Instant now) {
    Optional<BackupStatus> before = status.previous().get(PostgresInstanceStatus::backup);
    List<Backup> complete = Backup.of(snapshot).stream().filter(Backup::isComplete).toList();
    Optional<Backup> last = complete.stream().reduce((first, second) -> second);
    Instant lastSchedule = DueBackup.lastSchedule(snapshot);
    Optional<VerificationStatus> verification = LastVerification.of(snapshot, now);
    boolean hasSchedule = Backup.of(snapshot).stream().anyMatch(b -> b.scheduled().isPresent());
    return new BackupStatus(
        Identity.of(snapshot),
        findings
            .flatMap(ArchiveFindings::report)
            .map(ShipperReport::lineage)
            .or(() -> before.map(BackupStatus::lineage))
            .orElse(null),
        complete.stream()
            .flatMap(backup -> backup.completed().stream())
            .min(Instant::compareTo)
            .map(Instant::toString)
            .orElse(null),
        last.map(Backup::name).orElse(null),
        last.flatMap(Backup::completed).map(Instant::toString).orElse(null),
        hasSchedule
            ? lastSchedule.toString()
            : before.map(BackupStatus::lastScheduleTime).orElse(null),
        verification.orElse(null),
        verification
            .filter(ended -> Boolean.TRUE.equals(ended.succeeded()))
            .map(VerificationStatus::time)
            .or(() -> before.map(BackupStatus::lastVerifiedTime))
            .orElse(null),
        BackupClaim.name(snapshot.instance()).orElse(null),
        Optional.of(DeletableBackups.of(snapshot).recorded())
            .filter(folders -> !folders.isEmpty())
            .orElse(null),
        StoredSize.of(DeletionEnd.of(snapshot), last, before).orElse(null));
  }
}
