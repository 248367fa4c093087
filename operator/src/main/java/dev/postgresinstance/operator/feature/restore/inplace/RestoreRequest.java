package dev.postgresinstance.operator.feature.restore.inplace;

import dev.postgresinstance.api.v1alpha1.RecoveryTarget;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the annotation {@code restore-to} says: {@code TARGET@UID}. It names the claim whose data it
 * replaces, so that an annotation that stays on the resource is followed once.
 *
 * @param value the annotation
 * @param target up to where; empty for the latest state in the archive
 * @param backup name of the PostgresBackup to restore as of its end; empty for another target
 * @param claimUid UID of the claim whose data is replaced
 */
record RestoreRequest(
    String value, Optional<RecoveryTarget> target, Optional<String> backup, String claimUid) {

  private static final int MAX_LENGTH = 512;

  private static final Pattern FORM =
      Pattern.compile(
          "(?:(?<latest>latest)"
              + "|backup/(?<backup>[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?)"
              + "|(?<lsn>[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8})"
              + "|(?<time>\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:[.]\\d{1,6})?(?:Z|[+-]\\d\\d:\\d\\d)))"
              + "@(?<uid>[A-Za-z0-9-]{1,64})");

  /** Reads the annotation; empty if it has another form. */
  static Optional<RestoreRequest> parse(String value) {
    Matcher form = FORM.matcher(value);
    if (value.length() > MAX_LENGTH || !form.matches()) {
      return Optional.empty();
    }
    String time = form.group("time");
    if (time != null && instant(time).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new RestoreRequest(
            value,
            form.group("latest") != null
                ? Optional.empty()
                : Optional.of(
                    new RecoveryTarget(
                        time, form.group("lsn"), form.group("backup") == null ? null : true)),
            Optional.ofNullable(form.group("backup")),
            form.group("uid")));
  }

  private static Optional<Instant> instant(String time) {
    try {
      return Optional.of(OffsetDateTime.parse(time).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** The moment of the target; empty for another target. */
  Optional<Instant> time() {
    return target.map(RecoveryTarget::time).flatMap(RestoreRequest::instant);
  }

  /** The target as the annotation has it. */
  String targetText() {
    return value.substring(0, value.lastIndexOf('@'));
  }

  /** The target for a sentence, as "the archive as of 0/5000148". */
  String description() {
    return backup
        .map("PostgresBackup %s as of its end"::formatted)
        .orElseGet(() -> "the archive" + target.map(t -> " as of " + targetText()).orElse(""));
  }
}
