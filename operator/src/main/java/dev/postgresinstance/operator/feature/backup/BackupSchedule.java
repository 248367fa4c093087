package dev.postgresinstance.operator.feature.backup;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import dev.postgresinstance.api.v1alpha1.BackupSpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;

/** When base backups are due, by the schedule in the spec. */
final class BackupSchedule {

  private static final CronParser PARSER =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

  private BackupSchedule() {}

  /** Why schedule or time zone cannot be used, as a sentence; empty when they can. */
  static Optional<String> fault(BackupSpec spec) {
    if (!hasSchedule(spec)) {
      return Optional.empty();
    }
    try {
      cron(spec);
    } catch (IllegalArgumentException e) {
      return Optional.of(
          "spec.backup.schedule \"%s\" is not valid: %s.".formatted(spec.schedule(), words(e)));
    }
    try {
      ZoneId.of(spec.timeZone());
      return Optional.empty();
    } catch (DateTimeException e) {
      return Optional.of("spec.backup.timeZone %s is not known.".formatted(spec.timeZone()));
    }
  }

  /**
   * The last moment of the schedule, if no backup was made for it. The schedule counts by the clock
   * on the wall: when the clocks go forward, a time that is skipped is an hour later, and when they
   * go back, a time that comes twice counts once.
   *
   * @param since moments before or at this time are not due: the backup was not requested then, or
   *     was made
   */
  static Optional<Instant> due(BackupSpec spec, Instant since, Instant now) {
    if (!hasSchedule(spec) || fault(spec).isPresent()) {
      return Optional.empty();
    }
    ZoneId zone = ZoneId.of(spec.timeZone());
    ZonedDateTime wall = now.atZone(zone).withZoneSameLocal(ZoneOffset.UTC);
    return ExecutionTime.forCron(cron(spec))
        .lastExecution(wall.plusNanos(1))
        .map(last -> last.withZoneSameLocal(zone).toInstant())
        .filter(last -> last.isAfter(since) && !last.isAfter(now));
  }

  private static boolean hasSchedule(BackupSpec spec) {
    return spec.schedule() != null && !spec.schedule().isBlank();
  }

  private static Cron cron(BackupSpec spec) {
    return PARSER.parse(spec.schedule().strip().replaceAll(" +", " ")).validate();
  }

  /** The last cause is the most specific one. */
  private static String words(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = String.valueOf(cause.getMessage());
    return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
  }
}
