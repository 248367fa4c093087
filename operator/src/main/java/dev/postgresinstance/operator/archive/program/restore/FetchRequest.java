package dev.postgresinstance.operator.archive.program.restore;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.RestoreTarget;
import dev.postgresinstance.operator.archive.program.ProgramEnvironment;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What to restore.
 *
 * @param instanceId the archive to read
 * @param major major version of the server that recovers
 * @param target up to where to recover
 * @param backup the backup to begin with; empty means the newest one that fits
 * @param notBefore everything that was committed before this time must be in the archive; empty
 *     takes the archive as it is
 * @param isVerification whether the restore only shows that the backup can be restored
 */
record FetchRequest(
    String instanceId,
    String major,
    RestoreTarget target,
    Optional<String> backup,
    Optional<Instant> notBefore,
    boolean isVerification) {

  private static final String TARGET_TIME = "PGI_TARGET_TIME";
  private static final String TARGET_LSN = "PGI_TARGET_LSN";
  private static final String TARGET_BACKUP = "PGI_TARGET_BACKUP";
  private static final String NOT_BEFORE = "PGI_NOT_BEFORE";
  private static final String END = "-end";

  /** Reads the variables of the container. */
  static FetchRequest of(ProgramEnvironment environment) throws ProgramFailure {
    return new FetchRequest(
        environment.required("PGI_SOURCE_INSTANCE_ID"),
        environment.required("PGI_MAJOR"),
        target(environment),
        environment.optional("PGI_SOURCE_BACKUP"),
        notBefore(environment),
        environment.optional("PGI_VERIFY").isPresent());
  }

  private static Optional<Instant> notBefore(ProgramEnvironment environment) throws ProgramFailure {
    Optional<String> time = environment.optional(NOT_BEFORE);
    try {
      return time.map(Instant::parse);
    } catch (DateTimeException e) {
      throw misconfigured("%s is no time: %s.".formatted(NOT_BEFORE, time.get()));
    }
  }

  private static RestoreTarget target(ProgramEnvironment environment) throws ProgramFailure {
    Optional<String> time = environment.optional(TARGET_TIME);
    Optional<String> lsn = environment.optional(TARGET_LSN);
    Optional<String> backup = environment.optional(TARGET_BACKUP);
    if (Stream.of(time, lsn, backup).filter(Optional::isPresent).count() > 1) {
      throw misconfigured("There is more than one target.");
    }
    try {
      if (time.isPresent()) {
        return new RestoreTarget.Time(Instant.parse(time.get()));
      }
      if (lsn.isPresent()) {
        return new RestoreTarget.Position(Lsn.parse(lsn.get()));
      }
    } catch (DateTimeException e) {
      throw misconfigured("The target is no time: %s.".formatted(time.get()));
    } catch (IllegalArgumentException e) {
      throw misconfigured("The target is no position: %s.".formatted(lsn.get()));
    }
    if (backup.isEmpty()) {
      return new RestoreTarget.Latest();
    }
    if (!backup.get().endsWith(END)) {
      throw misconfigured("The target is not the end of a backup: %s.".formatted(backup.get()));
    }
    return new RestoreTarget.EndOfBackup(
        backup.get().substring(0, backup.get().length() - END.length()));
  }

  private static ProgramFailure misconfigured(String message) {
    return new ProgramFailure("Misconfigured", message);
  }
}
