package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * The requested base backup.
 *
 * @param instanceRef the instance; immutable
 * @param deletionPolicy whether the backup stays in the store when the resource is deleted; default
 *     Retain
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PostgresBackupSpec(
    @JsonPropertyDescription("The instance to back up. Immutable.")
        @Required
        @ValidationRule(
            value = "self == oldSelf",
            message = "instanceRef is immutable; create another PostgresBackup")
        InstanceReference instanceRef,
    @JsonPropertyDescription(
            "Whether the backup stays in the store when this resource is deleted: Retain leaves it"
                + " to the retention of the instance, Delete deletes it from the store, unless"
                + " another backup needs it or it is the last one. Delete is in force while"
                + " status.backup.deleteWithResource of the instance contains the backup.")
        @Default("Retain")
        DeletionPolicy deletionPolicy) {}
