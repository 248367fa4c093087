package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * A volume with an archive.
 *
 * @param claimName name of the PersistentVolumeClaim, in the same namespace
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ArchiveVolume(
    @JsonPropertyDescription(
            "Name of the PersistentVolumeClaim, in the same namespace: NAME-backup for the archive"
                + " of instance NAME.")
        @Required
        @Size(max = 253)
        @ValidationRule(
            value =
                "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
            message = "archive.store.volume.claimName must be the name of a PersistentVolumeClaim")
        String claimName) {}
