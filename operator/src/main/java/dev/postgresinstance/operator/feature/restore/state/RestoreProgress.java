package dev.postgresinstance.operator.feature.restore.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.postgresinstance.operator.feature.backup.job.BackupReport;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * How far a restore is. The container {@code fetch} writes it into its log as JSON, every two
 * seconds while it changes.
 *
 * @param phase what is being done
 * @param done bytes of the base backup, or of the write-ahead log
 * @param total bytes that have to be done in this phase
 * @param position up to which the write-ahead log is replayed; empty before
 * @param left the time that the phase will still take; empty while it cannot be estimated
 */
public record RestoreProgress(
    Phase phase, long done, long total, Optional<String> position, Optional<Duration> left) {

  /** The part of a restore. */
  public enum Phase {
    /** The backup is chosen; for a clone, the archive lacks what its source has written last. */
    WAITING,
    /** The base backup is unpacked. */
    BASE,
    /** The write-ahead log is replayed. */
    WAL
  }

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String POSITION = "[0-9A-F]{1,8}/[0-9A-F]{1,8}";
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration LONG = Duration.ofHours(2);

  /**
   * The last progress in a log.
   *
   * @param log lines with a time and a space before each text
   */
  public static Optional<RestoreProgress> last(String log) {
    return log.lines()
        .flatMap(line -> parse(line.substring(line.indexOf(' ') + 1)).stream())
        .reduce((before, next) -> next);
  }

  private static Optional<RestoreProgress> parse(String text) {
    if (!text.startsWith("{")) {
      return Optional.empty();
    }
    try {
      JsonNode fields = JSON.readTree(text);
      return Arrays.stream(Phase.values())
          .filter(phase -> phase.name().equalsIgnoreCase(fields.path("phase").asText()))
          .findFirst()
          .map(phase -> of(phase, fields));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static RestoreProgress of(Phase phase, JsonNode fields) {
    return new RestoreProgress(
        phase,
        Math.max(0, fields.path("done").asLong()),
        Math.max(0, fields.path("total").asLong()),
        Optional.of(fields.path("position").asText()).filter(text -> text.matches(POSITION)),
        Optional.of(fields.path("secondsLeft"))
            .filter(JsonNode::isIntegralNumber)
            .map(seconds -> Duration.ofSeconds(Math.max(0, seconds.asInt()))));
  }

  /** A sentence without its period, such as "64Mi of 1Gi of the base backup are unpacked". */
  public String sentence() {
    return switch (phase) {
      case WAITING -> "nothing is unpacked yet";
      case BASE -> amounts() + " of the base backup are unpacked" + time();
      case WAL ->
          "the base backup is unpacked, and the write-ahead log is replayed%s, %s%s"
              .formatted(position.map(" up to "::concat).orElse(""), amounts(), time());
    };
  }

  private String amounts() {
    return "%s of %s".formatted(BackupReport.rounded(done), BackupReport.rounded(total));
  }

  private String time() {
    return left.map(RestoreProgress::rounded).map(", with about %s left"::formatted).orElse("");
  }

  private static String rounded(Duration left) {
    if (left.compareTo(MINUTE) <= 0) {
      return "a minute";
    }
    return left.compareTo(LONG) < 0
        ? Math.ceilDiv(left.toSeconds(), MINUTE.toSeconds()) + " minutes"
        : left.toHours() + " hours";
  }
}
