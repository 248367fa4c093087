package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;

/**
 * The archive of the instance.
 *
 * @param instanceId folder of the instance in the store
 * @param lineage folder of the write-ahead log in the folder of the instance; null until the first
 *     report of the backup pod
 * @param recoverableFrom the earliest moment to which the instance can be recovered, in RFC 3339;
 *     null without a complete base backup
 * @param lastBackup name of the last complete PostgresBackup; null without one
 * @param lastBackupTime when it was complete, in RFC 3339
 * @param lastScheduleTime the last time of the schedule for which a PostgresBackup was created, in
 *     RFC 3339; null before the first one
 * @param lastVerification the last verification that ended; null before the first one
 * @param lastVerifiedTime when a verification succeeded last, in RFC 3339; null before the first
 *     success
 * @param claimName the claim of the volume with the archive; null where it is in S3
 * @param deleteWithResource the backups that are deleted from the store when their PostgresBackup
 *     is; null for none
 * @param storedSize size in the store of all base backups and of the write-ahead log, when the last
 *     base backup or deletion was complete; null before the first one
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BackupStatus(
    @JsonPropertyDescription("Folder of the instance in the store.") @Size(max = 64)
        String instanceId,
    @JsonPropertyDescription("Folder of the write-ahead log in the folder of the instance.")
        @Size(max = 64)
        String lineage,
    @JsonPropertyDescription("The earliest moment to which the instance can be recovered.")
        @Size(max = 32)
        String recoverableFrom,
    @JsonPropertyDescription("Name of the last complete PostgresBackup.") @Size(max = 253)
        String lastBackup,
    @JsonPropertyDescription("When the last PostgresBackup was complete.") @Size(max = 32)
        String lastBackupTime,
    @JsonPropertyDescription(
            "The last time of the schedule for which a PostgresBackup was created.")
        @Size(max = 32)
        String lastScheduleTime,
    @JsonPropertyDescription("The last verification that ended.")
        VerificationStatus lastVerification,
    @JsonPropertyDescription("When a verification succeeded last.") @Size(max = 32)
        String lastVerifiedTime,
    @JsonPropertyDescription(
            "Name of the claim of the volume with the archive; none where it is in S3.")
        @Size(max = 253)
        String claimName,
    @JsonPropertyDescription(
            "The backups whose PostgresBackup has the deletionPolicy"
                + " Delete. A backup whose PostgresBackup is gone is deleted from the store, and"
                + " stays in this list until then.")
        @Size(max = MAX_DELETE_WITH_RESOURCE)
        List<DeletableBackup> deleteWithResource,
    @JsonPropertyDescription(
            "Size in the store of all base backups and of the write-ahead log, when the last base"
                + " backup or deletion was complete.")
        Quantity storedSize) {

  /** How many backups can have the deletionPolicy Delete. */
  public static final int MAX_DELETE_WITH_RESOURCE = 1_000;
}
