package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.api.v1alpha1.BackupSpec;
import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.backup.claim.BackupClaim;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Archive;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Awaited;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.PreviousStatus;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The archive of another instance, of which this one is a clone. */
final class CloneSource {

  /** An idle server reports its progress once a minute, and a store may be away for a moment. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final PostgresInstance clone;
  private final String name;

  private CloneSource(PostgresInstance clone) {
    this.clone = clone;
    this.name = clone.getSpec().source().instance().name();
  }

  /** The source of an instance that names another one. */
  static RestoreSource of(Snapshot snapshot) {
    CloneSource source = new CloneSource(snapshot.instance());
    return snapshot
        .get(ObjectKey.SOURCE_INSTANCE)
        .map(source::of)
        .orElseGet(
            () ->
                RestoreSource.failed(
                    "PostgresInstance %s, which spec.source names, does not exist in namespace %s. The restore begins when it exists. If only its archive is left, create another instance with spec.source.archive."
                        .formatted(source.name, snapshot.instance().getMetadata().getNamespace())));
  }

  private RestoreSource of(PostgresInstance original) {
    PostgresInstanceSpec spec = original.getSpec();
    if (spec == null) {
      return RestoreSource.failed(
          "This version of the operator cannot read the spec of PostgresInstance %s, which spec.source names. Its own status says why."
              .formatted(name));
    }
    if (spec.backup() == null) {
      return RestoreSource.failed(
          "PostgresInstance %s, which spec.source names, has no spec.backup, and a clone is made from the archive of its source. Set spec.backup of PostgresInstance %1$s; the restore begins after its first base backup."
              .formatted(name));
    }
    if (spec.version() != clone.getSpec().version()) {
      return RestoreSource.failed(
          "PostgresInstance %s contains data of PostgreSQL %s, but spec.version is %s. Set spec.version to \"%2$s\"."
              .formatted(name, spec.version().text(), clone.getSpec().version().text()));
    }
    if (Boolean.TRUE.equals(spec.suspend()) && clone.getSpec().source().target() == null) {
      return RestoreSource.failed(
          "PostgresInstance %s, which spec.source names, is suspended, and what it has committed last may not be in its archive. Set spec.suspend of PostgresInstance %1$s to false, or create another instance with spec.source.target."
              .formatted(name));
    }
    PreviousStatus status = PreviousStatus.of(original);
    return status
        .get(PostgresInstanceStatus::backup)
        .filter(backup -> backup.instanceId() != null && backup.lastBackup() != null)
        .map(BackupStatus::instanceId)
        .<RestoreSource>map(id -> archive(original, id))
        .orElseGet(() -> waiting(status));
  }

  private Archive archive(PostgresInstance original, String instanceId) {
    return new Archive(
        BackupClaim.archive(original),
        instanceId,
        Optional.empty(),
        awaited(original.getSpec().backup()));
  }

  /** Whoever creates a clone without a target expects in it what is committed at that moment. */
  private Optional<Awaited> awaited(BackupSpec backup) {
    if (clone.getSpec().source().target() != null) {
      return Optional.empty();
    }
    // The time of the creation is cut off to seconds.
    Instant created = Instant.parse(clone.getMetadata().getCreationTimestamp()).plusSeconds(1);
    Duration interval = Duration.parse("PT" + backup.wal().uploadInterval());
    return Optional.of(new Awaited(created, PATIENCE.plus(interval.multipliedBy(2))));
  }

  private RestoreSource waiting(PreviousStatus status) {
    return new RestoreSource.Unknown(
        RestoreSource.problem(
            Reason.RESTORING,
            "The restore waits until PostgresInstance %s, which spec.source names, has a complete base backup.%s"
                .formatted(
                    name,
                    status
                        .condition(ConditionType.BACKUP_READY)
                        .map(Condition::getMessage)
                        .map(" Its condition BackupReady says: "::concat)
                        .orElse(""))));
  }
}
