package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.api.v1alpha1.ArchiveLocation;
import dev.postgresinstance.api.v1alpha1.ArchiveSource;
import dev.postgresinstance.api.v1alpha1.InstanceSource;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresBackupStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Archive;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.Optional;

/** Finds the archive that the source of an instance leads to. */
final class RestoreSources {

  private RestoreSources() {}

  /** The source that the spec names. */
  static RestoreSource of(Snapshot snapshot) {
    InstanceSource source = snapshot.instance().getSpec().source();
    if (source.instance() != null) {
      return CloneSource.of(snapshot);
    }
    if (source.archive() != null) {
      ArchiveSource archive = source.archive();
      return new Archive(archive.store(), archive.instanceId(), Optional.empty(), Optional.empty());
    }
    String name = source.backup().name();
    return snapshot
        .get(ObjectKey.SOURCE_BACKUP)
        .map(backup -> of(snapshot.instance().getSpec(), name, backup))
        .orElseGet(
            () ->
                RestoreSource.failed(
                    "PostgresBackup %s, which spec.source names, does not exist in namespace %s. Create another instance from a backup that exists, or from the archive in the store with spec.source.archive."
                        .formatted(name, snapshot.instance().getMetadata().getNamespace())));
  }

  private static RestoreSource of(PostgresInstanceSpec spec, String name, PostgresBackup backup) {
    Optional<PostgresBackupStatus> status = Optional.ofNullable(backup.getStatus());
    Optional<Condition> complete =
        status.flatMap(present -> present.condition(PostgresBackupStatus.COMPLETE));
    Optional<ArchiveLocation> location = status.map(PostgresBackupStatus::archive);
    if (complete.filter(c -> Reason.BACKUP_FAILED.word().equals(c.getReason())).isPresent()) {
      return RestoreSource.failed(
          "PostgresBackup %s, which spec.source names, has failed, so it cannot be restored: %s Create another instance from a complete backup."
              .formatted(name, complete.map(Condition::getMessage).orElse("")));
    }
    if (location.isEmpty() || complete.filter(c -> "True".equals(c.getStatus())).isEmpty()) {
      return new RestoreSource.Unknown(
          RestoreSource.problem(
              Reason.RESTORING,
              "The restore waits until PostgresBackup %s, which spec.source names, is complete.%s"
                  .formatted(
                      name, complete.map(Condition::getMessage).map(" "::concat).orElse(""))));
    }
    String version = status.map(PostgresBackupStatus::version).orElse("");
    String major = version.replaceFirst("\\D.*", "");
    if (!major.isEmpty() && !major.equals(spec.version().text())) {
      return RestoreSource.failed(
          "PostgresBackup %s contains data of PostgreSQL %s, but spec.version is %s. Set spec.version to \"%s\"."
              .formatted(name, version, spec.version().text(), major));
    }
    return new Archive(
        location.get().store(),
        location.get().instanceId(),
        status.map(PostgresBackupStatus::archiveName),
        Optional.empty());
  }
}
