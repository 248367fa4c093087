package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.api.v1alpha1.ArchiveStore;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.InstanceSource;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.RecoveryTarget;
import dev.postgresinstance.operator.report.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Where the data of an instance comes from. */
public sealed interface RestoreSource {

  /**
   * The archive that contains it.
   *
   * @param store the bucket or the volume
   * @param instanceId folder of the instance that made the archive
   * @param backup name of the base backup in the archive; empty for the one that suits best
   * @param awaited what has to reach the archive before; empty where it is taken as it is
   */
  record Archive(
      ArchiveStore store, String instanceId, Optional<String> backup, Optional<Awaited> awaited)
      implements RestoreSource {}

  /**
   * The progress of an archive that is still being written.
   *
   * @param time everything that was committed before it must be in the archive
   * @param patience how long the restore waits for that
   */
  record Awaited(Instant time, Duration patience) {}

  /** It is not known yet, or never will be. */
  record Unknown(Problem problem) implements RestoreSource {}

  /** It cannot be known unless somebody changes something. */
  static Unknown failed(String message) {
    return new Unknown(problem(Reason.RESTORE_FAILED, message));
  }

  /** A problem because of which no server runs. */
  static Problem problem(Reason reason, String message) {
    return new Problem(ConditionType.AVAILABLE, reason, message);
  }

  /** The source and the target for a sentence, as "PostgresBackup nightly, up to ...". */
  static String describe(PostgresInstanceSpec spec) {
    InstanceSource source = spec.source();
    String place = place(source);
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

  private static String place(InstanceSource source) {
    if (source.backup() != null) {
      return "PostgresBackup " + source.backup().name();
    }
    return source.instance() != null
        ? "PostgresInstance " + source.instance().name()
        : "the archive of instance %s in %s"
            .formatted(source.archive().instanceId(), place(source.archive().store()));
  }

  private static String place(ArchiveStore store) {
    return store.volume() != null
        ? "claim " + store.volume().claimName()
        : "bucket " + store.s3().bucket();
  }
}
