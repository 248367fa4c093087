package dev.postgresinstance.operator.feature.backup;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import dev.postgresinstance.api.v1alpha1.BackupSpec;
import dev.postgresinstance.api.v1alpha1.BackupVerification;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * When something is due, by a schedule in the spec.
 *
 * @param field name of the schedule in the spec
 * @param schedule five fields of cron; null or blank for never
 * @param timeZone by its IANA name
 */
public record BackupSchedule(String field, String schedule, String timeZone) {

  private static final CronParser PARSER =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

  /** When base backups are due. */
  static BackupSchedule ofBackups(BackupSpec spec) {
    return new BackupSchedule("spec.backup.schedule", spec.schedule(), spec.timeZone());
  }

  /** When verifications are due. */
  public static BackupSchedule ofVerifications(BackupSpec spec) {
    return new BackupSchedule(
        "spec.backup.verify.schedule",
        Optional.ofNullable(spec.verify()).map(BackupVerification::schedule).orElse(null),
        spec.timeZone());
  }

  /** Why schedule or time zone cannot be used, as a sentence; empty when they can. */
  Optional<String> fault() {
    if (isEmpty()) {
      return Optional.empty();
    }
    try {
      cron();
    } catch (IllegalArgumentException e) {
      return Optional.of("%s \"%s\" is not valid: %s.".formatted(field, schedule, words(e)));
    }
    try {
      ZoneId.of(timeZone);
      return Optional.empty();
    } catch (DateTimeException e) {
      return Optional.of("spec.backup.timeZone %s is not known.".formatted(timeZone));
    }
  }

  /**
   * The last moment of the schedule, if nothing was done for it. The schedule counts by the clock
   * on the wall: when the clocks go forward, a time that is skipped is an hour later, and when they
   * go back, a time that comes twice counts once.
   *
   * @param since moments before or at this time are not due: nothing was requested then, or it was
   *     done
   */
  public Optional<Instant> due(Instant since, Instant now) {
    if (isEmpty() || fault().isPresent()) {
      return Optional.empty();
    }
    ZoneId zone = ZoneId.of(timeZone);
    ZonedDateTime wall = now.atZone(zone).withZoneSameLocal(ZoneOffset.UTC);
    return ExecutionTime.forCron(cron())
        .lastExecution(wall.plusNanos(1))
        .map(last -> last.withZoneSameLocal(zone).toInstant())
        .filter(last -> last.isAfter(since) && !last.isAfter(now));
  }

  private boolean isEmpty() {
    return schedule == null || schedule.isBlank();
  }

  private Cron cron() {
    return PARSER.parse(schedule.strip().replaceAll(" +", " ")).validate();
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
