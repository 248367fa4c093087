package dev.postgresinstance.operator.feature.backup.job;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postgresinstance.operator.feature.backup.pod.ContainerEnd;
import dev.postgresinstance.operator.instance.termination.LastTermination;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the program that stores a base backup leaves when it has succeeded.
 *
 * @param name name of the backup's folder in the archive
 * @param lineage folder of the write-ahead log that the backup needs
 * @param startedAt when PostgreSQL began the backup
 * @param startLsn position from which a restore recovers
 * @param stopLsn position at which the restored data is consistent
 * @param timeline timeline of both
 * @param version version of the server
 * @param size bytes of the data
 * @param storedSize bytes in the store
 * @param parent name of the backup on which an incremental one is based; empty for a full one
 * @param deleted names of the backups that the retention has deleted from the archive
 * @param retentionProblem why it could not delete what is not kept; empty when it could
 * @param archiveSize bytes of the whole archive in the store afterwards; empty if the program could
 *     not list it
 */
record BackupResult(
    String name,
    String lineage,
    Instant startedAt,
    String startLsn,
    String stopLsn,
    long timeline,
    String version,
    long size,
    long storedSize,
    Optional<String> parent,
    List<String> deleted,
    Optional<String> retentionProblem,
    Optional<Long> archiveSize) {

  private static final Pattern FOLDER = Pattern.compile("[-.0-9A-Za-z]{1,64}");
  private static final Pattern LSN = Pattern.compile("[0-9A-F]{1,8}/[0-9A-F]{1,8}");

  /** What {@code server_version} begins with. */
  private static final Pattern VERSION = Pattern.compile("[0-9][-.+~0-9A-Za-z]{0,63}");

  private static final long MAX_TIMELINE = 0xFFFF_FFFFL;

  /** Reads a result; empty when a field is missing, or when the status could not hold it. */
  static Optional<BackupResult> of(JsonNode json) {
    return instant(json.path("startedAt").asText())
        .map(
            startedAt ->
                new BackupResult(
                    json.path("name").asText(),
                    json.path("lineage").asText(),
                    startedAt,
                    json.path("startLsn").asText(),
                    json.path("stopLsn").asText(),
                    json.path("timeline").asLong(),
                    json.path("postgresVersion").asText(),
                    json.path("size").asLong(-1),
                    json.path("storedSize").asLong(-1),
                    Optional.of(json.path("parent").asText()).filter(name -> !name.isEmpty()),
                    json.path("deleted").valueStream().map(JsonNode::asText).toList(),
                    Optional.of(json.path("retentionProblem").asText())
                        .filter(text -> !text.isBlank())
                        .map(LastTermination::shorten),
                    ContainerEnd.archiveSize(json)))
        .filter(BackupResult::isValid);
  }

  private boolean isValid() {
    return FOLDER.matcher(name).matches()
        && FOLDER.matcher(lineage).matches()
        && parent.stream().allMatch(folder -> FOLDER.matcher(folder).matches())
        && LSN.matcher(startLsn).matches()
        && LSN.matcher(stopLsn).matches()
        && timeline >= 1
        && timeline <= MAX_TIMELINE
        && VERSION.matcher(version).matches()
        && size >= 0
        && storedSize >= 0;
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
