package dev.postgresinstance.operator.feature.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * What the backup pod reports, in the text of a statement that the operator reads in {@code
 * pg_stat_activity}.
 *
 * @param lineage folder of the write-ahead log in the archive; null before there is one
 * @param since when the lineage began, in RFC 3339; null before there is one
 * @param time everything that was committed before is in the store, in RFC 3339; null before the
 *     first upload
 * @param problem one word; null when there is no problem
 * @param message the problem in a sentence; null when there is none
 * @param gap why the lineage does not continue the former one; null when it does, or is the first
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ShipperReport(
    String lineage, String since, String time, String problem, String message, String gap) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The report in the text of a statement; empty when it is another statement, or was cut off.
   *
   * @param statement {@code SELECT 'pgi_backup', '{...}'}
   */
  static Optional<ShipperReport> of(String statement) {
    int start = statement.indexOf('{');
    int end = statement.lastIndexOf('}');
    if (!statement.startsWith("SELECT 'pgi_backup', '") || start < 0 || end < start) {
      return Optional.empty();
    }
    try {
      String json = statement.substring(start, end + 1).replace("''", "'");
      return Optional.of(JSON.readValue(json, ShipperReport.class));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Up to which moment everything is in the store, to the minute; empty when it is not known. */
  Optional<Instant> recoverableUntil() {
    try {
      return Optional.ofNullable(time)
          .map(Instant::parse)
          .map(at -> at.truncatedTo(ChronoUnit.MINUTES));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** The same report with its time to the minute, so that equal reports are equal. */
  ShipperReport rounded() {
    return new ShipperReport(
        lineage,
        since,
        recoverableUntil().map(Instant::toString).orElse(null),
        problem,
        message,
        gap);
  }
}
