package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;

/**
 * The volume that holds the backups.
 *
 * @param size requested size in bytes, from 256Mi to 64Ti; cannot shrink
 * @param storageClassName the StorageClass; null means the default of the cluster, empty means a
 *     manually created volume without a class; immutable
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = VolumeRules.CLASS_IMMUTABLE,
    fieldPath = ".storageClassName",
    message =
        "backup.store.volume.storageClassName can be neither changed, added nor removed, because a"
            + " volume cannot change its class")
public record VolumeStore(
    @JsonPropertyDescription(
            "Size of the volume in bytes, from 256Mi to 64Ti. It can only grow, and only where the"
                + " StorageClass allows it.")
        @Required
        @ValidationRule(
            value = VolumeRules.SIZE,
            message =
                "backup.store.volume.size must be a quantity from 256Mi to 64Ti, for example 20Gi")
        @ValidationRule(
            value = VolumeRules.WHOLE_BYTES,
            message = "backup.store.volume.size must be a whole number of bytes, for example 20Gi")
        @ValidationRule(
            value = VolumeRules.GROWS,
            message = "backup.store.volume.size can only grow, because a volume cannot shrink")
        Quantity size,
    @JsonPropertyDescription(
            "StorageClass of the volume. Default: the default class of the cluster. Empty (\"\")"
                + " means no class. A claim that exists keeps its class. Immutable.")
        @Size(max = 253)
        @ValidationRule(
            value = VolumeRules.CLASS_FORM,
            message =
                "backup.store.volume.storageClassName must be the name of a StorageClass"
                    + " (lower-case letters, digits, '-' and '.'), or empty for no class")
        String storageClassName) {}
