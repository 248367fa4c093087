package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;

/**
 * The last verification of a backup: a restore that nobody uses, with checks of what was restored.
 *
 * @param backup name of the PostgresBackup
 * @param startedAt when its Job was created, in RFC 3339
 * @param time when it ended, in RFC 3339
 * @param succeeded whether everything was restored and no check has found anything
 * @param reachedTime when the last recovered transaction was committed, in RFC 3339; null after a
 *     failure
 * @param reachedLsn position up to which the write-ahead log was recovered; null after a failure
 * @param duration how long restore and checks took, as "1h2m3s"; null after a failure
 * @param message what was checked, or what is wrong
 * @param request value of the annotation that requested verifications; null without the annotation
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VerificationStatus(
    @JsonPropertyDescription("Name of the PostgresBackup.") @Size(max = 253) String backup,
    @JsonPropertyDescription("When the verification started.") @Size(max = 32) String startedAt,
    @JsonPropertyDescription("When the verification ended.") @Size(max = 32) String time,
    @JsonPropertyDescription(
            "Whether the backup was restored up to the end of the archive, and no check of the"
                + " restored databases has found anything.")
        Boolean succeeded,
    @JsonPropertyDescription("When the last recovered transaction was committed.") @Size(max = 32)
        String reachedTime,
    @JsonPropertyDescription("Position up to which the write-ahead log was recovered.")
        @Size(max = 17)
        String reachedLsn,
    @JsonPropertyDescription("How long restore and checks took, for example 1h2m3s.")
        @Size(max = 32)
        String duration,
    @JsonPropertyDescription("What was checked, or what is wrong.") @Size(max = 2048)
        String message,
    @JsonPropertyDescription(
            "Value that the annotation postgresinstance.dev/verify-backup had when the verification"
                + " started.")
        @Size(max = 256)
        String request) {}
