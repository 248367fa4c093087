package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;

/**
 * A backup that is deleted from the store when its PostgresBackup is.
 *
 * @param name name of the PostgresBackup
 * @param uid uid of the PostgresBackup: another one of the same name is another backup
 * @param archiveName name of the backup's folder in the archive
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeletableBackup(
    @JsonPropertyDescription("Name of the PostgresBackup.") @Size(max = 253) String name,
    @JsonPropertyDescription("Uid of the PostgresBackup.") @Size(max = 64) String uid,
    @JsonPropertyDescription("Name of the backup's folder in the archive.") @Size(max = 64)
        String archiveName) {}
