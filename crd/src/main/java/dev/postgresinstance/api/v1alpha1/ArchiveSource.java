package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * The archive of an instance in a store.
 *
 * @param store the store
 * @param instanceId id of the instance that made the archive: its folder in the store
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ArchiveSource(
    @JsonPropertyDescription("The store.") @Required ArchiveStore store,
    @JsonPropertyDescription(
            "Id of the instance that made the archive: its folder in the store, and"
                + " status.backup.instanceId of the instance.")
        @Required
        @Size(max = 64)
        @ValidationRule(
            value = "self.matches('^[-a-zA-Z0-9]+$')",
            message = "archive.instanceId must consist of letters, digits and '-'")
        String instanceId) {}
