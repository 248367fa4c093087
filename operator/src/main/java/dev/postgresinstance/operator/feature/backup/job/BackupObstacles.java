package dev.postgresinstance.operator.feature.backup.job;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.backup.record.Backup;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.PreviousStatus;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a base backup has to wait for, in sentences. */
final class BackupObstacles {

  private static final Comparator<PostgresBackup> OLDEST_FIRST =
      Comparator.<PostgresBackup, String>comparing(
              backup -> backup.getMetadata().getCreationTimestamp())
          .thenComparing(backup -> backup.getMetadata().getName());

  /** The write-ahead log does not reach the store, without which no backup can be complete. */
  private static final Set<Reason> NOT_ARCHIVING =
      EnumSet.of(Reason.ARCHIVE_STOPPED, Reason.STORE_UNAVAILABLE, Reason.WAL_SPACE_LOW);

  private BackupObstacles() {}

  /**
   * What the backup waits for; empty when it can start.
   *
   * @param snapshot the instance that the backup names; empty when there is none
   * @param siblings all PostgresBackups of that instance
   * @param operatorImage image of this operator; empty when it is not known
   */
  static Optional<String> of(
      PostgresBackup backup,
      Optional<Snapshot> snapshot,
      List<PostgresBackup> siblings,
      Optional<String> operatorImage) {
    return snapshot
        .map(
            instance ->
                notRequested(instance)
                    .or(() -> withoutImage(operatorImage))
                    .or(() -> notArchiving(instance))
                    .or(() -> notServing(instance))
                    .or(() -> notItsTurn(backup, siblings)))
        .orElseGet(() -> Optional.of(withoutInstance(backup)));
  }

  private static String withoutInstance(PostgresBackup backup) {
    return "There is no PostgresInstance %s in the namespace %s. The backup starts when there is one."
        .formatted(backup.getSpec().instanceRef().name(), backup.getMetadata().getNamespace());
  }

  private static Optional<String> notRequested(Snapshot snapshot) {
    String name = snapshot.instance().getMetadata().getName();
    if (snapshot.instance().getSpec().backup() == null) {
      return Optional.of(
          "PostgresInstance %s has no spec.backup. Set it, with the store for the backup."
              .formatted(name));
    }
    return snapshot.suspended()
        ? Optional.of(
            "No server runs because spec.suspend of PostgresInstance %s is true. The backup starts when it is false."
                .formatted(name))
        : Optional.empty();
  }

  private static Optional<String> withoutImage(Optional<String> operatorImage) {
    return operatorImage.isPresent()
        ? Optional.empty()
        : Optional.of(
            "The operator does not know its own image, which stores the backup. Set the variable OPERATOR_IMAGE of the operator, as its chart does.");
  }

  private static Optional<String> notArchiving(Snapshot snapshot) {
    PreviousStatus status = snapshot.previousStatus();
    if (!status.isCurrent()) {
      return Optional.of(
          "The operator has not applied the last change of the instance yet. The backup starts after it.");
    }
    boolean hasLineage =
        status
            .get(PostgresInstanceStatus::backup)
            .map(BackupStatus::lineage)
            .filter(lineage -> !lineage.isEmpty())
            .isPresent();
    boolean isStopped =
        status.condition(ConditionType.BACKUP_READY).filter(BackupObstacles::isStopped).isPresent();
    return hasLineage && !isStopped
        ? Optional.empty()
        : Optional.of(
            "The backup starts when the write-ahead log of the instance reaches the store."
                + status
                    .condition(ConditionType.BACKUP_READY)
                    .filter(ready -> !"True".equals(ready.getStatus()))
                    .map(Condition::getMessage)
                    .map(" BackupReady of the instance says: "::concat)
                    .orElse(""));
  }

  private static Optional<String> notServing(Snapshot snapshot) {
    return snapshot.activePod().filter(DatabaseContainer::isRunning).isPresent()
        ? Optional.empty()
        : Optional.of("The server of the instance does not run. The backup starts when it does.");
  }

  /** While no login succeeds, the condition is Unknown. */
  private static boolean isStopped(Condition ready) {
    return "Unknown".equals(ready.getStatus())
        || NOT_ARCHIVING.stream().anyMatch(reason -> reason.word().equals(ready.getReason()));
  }

  /**
   * One at a time, the oldest first. One that already runs goes on, even if an older one can start
   * again.
   */
  private static Optional<String> notItsTurn(PostgresBackup backup, List<PostgresBackup> all) {
    List<PostgresBackup> others =
        all.stream()
            .filter(other -> !isSame(other, backup))
            .filter(other -> other.getMetadata().getDeletionTimestamp() == null)
            .filter(other -> !new Backup(other).isFinal())
            .toList();
    return Stream.concat(
            others.stream().filter(other -> new Backup(other).isRunning()),
            others.stream()
                .filter(other -> OLDEST_FIRST.compare(other, backup) < 0)
                .sorted(OLDEST_FIRST))
        .findFirst()
        .map(
            first ->
                "The backup starts after PostgresBackup %s of the same instance."
                    .formatted(first.getMetadata().getName()));
  }

  private static boolean isSame(PostgresBackup one, PostgresBackup other) {
    return one.getMetadata().getName().equals(other.getMetadata().getName());
  }
}
