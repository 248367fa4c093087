package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;

/**
 * Where a backup lies, from which it can be restored without the instance that made it.
 *
 * @param store the store
 * @param instanceId folder of the instance in the store
 * @param lineage folder of the write-ahead log in the folder of the instance
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ArchiveLocation(
    @JsonPropertyDescription("The store.") ArchiveStore store,
    @JsonPropertyDescription("Folder of the instance in the store.") @Size(max = 64)
        String instanceId,
    @JsonPropertyDescription(
            "Folder of the write-ahead log that the backup needs, in the folder of the instance.")
        @Size(max = 64)
        String lineage) {}
