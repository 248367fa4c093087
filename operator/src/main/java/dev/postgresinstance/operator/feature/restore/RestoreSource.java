package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.api.v1alpha1.ArchiveLocation;
import dev.postgresinstance.api.v1alpha1.ArchiveSource;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.InstanceSource;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresBackupStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.RecoveryTarget;
import dev.postgresinstance.api.v1alpha1.S3Store;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.Optional;

/** Where the data of an instance comes from. */
sealed interface RestoreSource {

  /**
   * The archive that contains it.
   *
   * @param store the bucket
   * @param instanceId folder of the instance that made the archive
   * @param backup name of the base backup in the archive; empty for the one that suits best
   */
  record Archive(S3Store store, String instanceId, Optional<String> backup)
      implements RestoreSource {}

  /** It is not known yet, or never will be. */
  record Unknown(Problem problem) implements RestoreSource {}

  /** The source that the spec names. */
  static RestoreSource of(Snapshot snapshot) {
    InstanceSource source = snapshot.instance().getSpec().source();
    if (source.backup() == null) {
      ArchiveSource archive = source.archive();
      return new Archive(archive.store().s3(), archive.instanceId(), Optional.empty());
    }
    String name = source.backup().name();
    return snapshot
        .get(ObjectKey.SOURCE_BACKUP)
        .map(backup -> of(snapshot.instance().getSpec(), name, backup))
        .orElseGet(
            () ->
                failed(
                    "PostgresBackup %s, which spec.source names, does not exist in namespace %s. Create another instance from a backup that exists, or from the archive in the store with spec.source.archive."
                        .formatted(name, snapshot.instance().getMetadata().getNamespace())));
  }

  private static RestoreSource of(PostgresInstanceSpec spec, String name, PostgresBackup backup) {
    Optional<PostgresBackupStatus> status = Optional.ofNullable(backup.getStatus());
    Optional<Condition> complete =
        status.flatMap(present -> present.condition(PostgresBackupStatus.COMPLETE));
    Optional<ArchiveLocation> location = status.map(PostgresBackupStatus::archive);
    if (complete.filter(c -> Reason.BACKUP_FAILED.word().equals(c.getReason())).isPresent()) {
      return failed(
          "PostgresBackup %s, which spec.source names, has failed, so it cannot be restored: %s Create another instance from a complete backup."
              .formatted(name, complete.map(Condition::getMessage).orElse("")));
    }
    if (location.isEmpty() || complete.filter(c -> "True".equals(c.getStatus())).isEmpty()) {
      return new Unknown(
          problem(
              Reason.RESTORING,
              "The restore waits until PostgresBackup %s, which spec.source names, is complete.%s"
                  .formatted(
                      name, complete.map(Condition::getMessage).map(" "::concat).orElse(""))));
    }
    String version = status.map(PostgresBackupStatus::version).orElse("");
    String major = version.replaceFirst("\\D.*", "");
    if (!major.isEmpty() && !major.equals(spec.version().text())) {
      return failed(
          "PostgresBackup %s contains data of PostgreSQL %s, but spec.version is %s. Set spec.version to \"%s\"."
              .formatted(name, version, spec.version().text(), major));
    }
    return new Archive(
        location.get().store().s3(),
        location.get().instanceId(),
        status.map(PostgresBackupStatus::archiveName));
  }

  private static Unknown failed(String message) {
    return new Unknown(problem(Reason.RESTORE_FAILED, message));
  }

  /** A problem because of which no server runs. */
  static Problem problem(Reason reason, String message) {
    return new Problem(ConditionType.AVAILABLE, reason, message);
  }

  /** The source and the target for a sentence, as "PostgresBackup nightly, up to ...". */
  static String describe(PostgresInstanceSpec spec) {
    InstanceSource source = spec.source();
    String place =
        source.backup() != null
            ? "PostgresBackup " + source.backup().name()
            : "the archive of instance %s in bucket %s"
                .formatted(source.archive().instanceId(), source.archive().store().s3().bucket());
    RecoveryTarget target = source.target();
    if (target == null) {
      return place;
    }
    if (Boolean.TRUE.equals(target.endOfBackup())) {
      return place + " as of its end";
    }
    return Optional.ofNullable(target.time())
        .or(() -> Optional.ofNullable(target.lsn()))
        .map(end -> place + " as of " + end)
        .orElse(place);
  }
}
