package dev.postgresinstance.operator.feature.backup.verification;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What {@code restore.sh} leaves when it has verified a backup.
 *
 * @param reachedLsn position up to which the write-ahead log was recovered
 * @param reachedTime when the last recovered transaction was committed
 * @param duration of restore and checks
 * @param recovery part of the duration until the database was recovered
 * @param databases how many were checked
 * @param relations how many tables, indexes and sequences they have
 * @param catalogRows rows of all catalogs
 * @param dumpBytes size of the dump of all databases
 * @param hasChecksums whether the data has checksums, which are all correct then
 */
record VerificationResult(
    String reachedLsn,
    Instant reachedTime,
    Duration duration,
    Duration recovery,
    long databases,
    long relations,
    long catalogRows,
    long dumpBytes,
    boolean hasChecksums) {

  private static final Pattern LSN = Pattern.compile("[0-9A-F]{1,8}/[0-9A-F]{1,8}");

  /** Reads a result; empty when it is not one. */
  static Optional<VerificationResult> of(JsonNode json) {
    try {
      return Optional.of(
              new VerificationResult(
                  json.path("reachedLsn").asText(),
                  Instant.parse(json.path("reachedTime").asText()),
                  Duration.ofSeconds(json.path("seconds").asLong()),
                  Duration.ofSeconds(json.path("recoverySeconds").asLong()),
                  json.path("databases").asLong(),
                  json.path("relations").asLong(),
                  json.path("catalogRows").asLong(),
                  json.path("dumpBytes").asLong(),
                  json.path("checksums").asText().equals("correct")))
          .filter(result -> LSN.matcher(result.reachedLsn).matches());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** As "1h2m3s". */
  static String text(Duration duration) {
    return duration
        .truncatedTo(ChronoUnit.SECONDS)
        .toString()
        .substring(2)
        .toLowerCase(Locale.ROOT);
  }

  /** What was done, in sentences. */
  String message() {
    return "Restored up to %s in %s. pg_amcheck has found no damage in the %d relations of %d databases, the %d rows of all catalogs can be read, a dump of everything has %d bytes, and %s."
        .formatted(
            reachedLsn,
            text(recovery),
            relations,
            databases,
            catalogRows,
            dumpBytes,
            hasChecksums
                ? "the checksums of all pages are correct"
                : "the pages have no checksums, so a changed value would not be found");
  }
}
