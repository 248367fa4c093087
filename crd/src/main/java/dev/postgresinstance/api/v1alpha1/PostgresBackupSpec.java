package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * The requested base backup.
 *
 * @param instanceRef the instance; immutable
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PostgresBackupSpec(
    @JsonPropertyDescription("The instance to back up. Immutable.")
        @Required
        @ValidationRule(
            value = "self == oldSelf",
            message = "instanceRef is immutable; create another PostgresBackup")
        InstanceReference instanceRef) {}
