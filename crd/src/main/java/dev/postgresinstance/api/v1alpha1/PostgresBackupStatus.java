package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The last observed state of a base backup. Unknown values are null and omitted from the JSON.
 *
 * @param observedGeneration {@code metadata.generation} that this status describes; -1 before the
 *     first reconciliation
 * @param conditions at most one for each type; {@code Complete} is one
 * @param startedAt when PostgreSQL began the backup, in RFC 3339
 * @param completedAt when the backup was complete in the store, in RFC 3339
 * @param startLsn position in the write-ahead log from which a restore recovers
 * @param stopLsn position at which the restored data is consistent
 * @param timeline timeline of both
 * @param version version of the server, "17.6"
 * @param size bytes of the data
 * @param storedSize bytes in the store, without the write-ahead log
 * @param parent the backup that an incremental one needs; null for a full one
 * @param archive where it lies
 * @param archiveName name of the backup's folder in the archive
 * @param verifiedTime when the backup was last restored and checked with success, in RFC 3339; null
 *     if it never was
 * @param archiveSize bytes in the store of all base backups of the instance and of the write-ahead
 *     log, once this backup was complete and the retention had deleted what is not kept
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PostgresBackupStatus(
    @JsonPropertyDescription(
            "Generation of the resource that this status describes; -1 before the first"
                + " reconciliation.")
        @Min(CrdSchema.NONE_YET)
        @Max(CrdSchema.MAX_GENERATION)
        Long observedGeneration,
    @JsonPropertyDescription(
            "The state, for programs to wait for. Complete is True when the backup can be"
                + " restored: its files and the write-ahead log up to its end are in the store.")
        @Size(max = 8)
        List<Condition> conditions,
    @JsonPropertyDescription("When PostgreSQL began the backup.") @Size(max = 32) String startedAt,
    @JsonPropertyDescription("When the backup was complete in the store.") @Size(max = 32)
        String completedAt,
    @JsonPropertyDescription("Position in the write-ahead log from which a restore recovers.")
        @Size(max = 17)
        String startLsn,
    @JsonPropertyDescription(
            "Position in the write-ahead log at which the restored data is consistent.")
        @Size(max = 17)
        String stopLsn,
    @JsonPropertyDescription("Timeline of the write-ahead log.") Long timeline,
    @JsonPropertyDescription("Version of the server, for example 17.6.") @Size(max = 64)
        String version,
    @JsonPropertyDescription("Size of the data.") Quantity size,
    @JsonPropertyDescription("Size in the store, without the write-ahead log.") Quantity storedSize,
    @JsonPropertyDescription(
            "PostgresBackup that this incremental backup needs, or its folder in the archive if"
                + " there is no such PostgresBackup; absent for a full backup.")
        @Size(max = 64)
        String parent,
    @JsonPropertyDescription("Where the backup lies.") ArchiveLocation archive,
    @JsonPropertyDescription("Name of the backup's folder in the archive.") @Size(max = 64)
        String archiveName,
    @JsonPropertyDescription("When the backup was last restored and checked with success.")
        @Size(max = 32)
        String verifiedTime,
    @JsonPropertyDescription(
            "Size in the store of all base backups of the instance and of the write-ahead log, after"
                + " this backup and the deletion of older ones.")
        Quantity archiveSize) {

  /** Type of the condition that says whether the backup can be restored. */
  public static final String COMPLETE = "Complete";

  /** The same status with another time of the last successful verification. */
  public PostgresBackupStatus withVerifiedTime(String time) {
    return new PostgresBackupStatus(
        observedGeneration,
        conditions,
        startedAt,
        completedAt,
        startLsn,
        stopLsn,
        timeline,
        version,
        size,
        storedSize,
        parent,
        archive,
        archiveName,
        time,
        archiveSize);
  }

  /** The condition of this type; empty if the status has none. */
  public Optional<Condition> condition(String type) {
    return Stream.ofNullable(conditions)
        .flatMap(List::stream)
        .filter(condition -> type.equals(condition.getType()))
        .findFirst();
  }
}
