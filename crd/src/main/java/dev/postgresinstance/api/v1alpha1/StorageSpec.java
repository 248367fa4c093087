package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;

/**
 * The volume that holds the data.
 *
 * @param size requested size in bytes, from 256Mi to 64Ti; default 1Gi; cannot shrink. As the user
 *     wrote it, so not necessarily canonical ("1024Mi")
 * @param storageClassName the StorageClass; null means the default of the cluster, empty means a
 *     manually created volume without a class; immutable
 */
@ValidationRule(
    value = VolumeRules.CLASS_IMMUTABLE,
    fieldPath = ".storageClassName",
    message =
        "storage.storageClassName is immutable and can be neither added nor removed,"
            + " because a volume cannot change its class; create another instance and move"
            + " the data")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StorageSpec(
    @JsonPropertyDescription(
            "Size of the volume in bytes, from 256Mi to 64Ti. It can only grow, and only where the"
                + " StorageClass allows it.")
        @Default("1Gi")
        @ValidationRule(
            value = VolumeRules.SIZE,
            message = "storage.size must be a quantity from 256Mi to 64Ti, for example 10Gi")
        @ValidationRule(
            value = VolumeRules.WHOLE_BYTES,
            message = "storage.size must be a whole number of bytes, for example 10Gi")
        @ValidationRule(
            value = VolumeRules.GROWS,
            message =
                "storage.size can only grow, because a volume cannot shrink; for a smaller"
                    + " volume create another instance and move the data")
        Quantity size,
    @JsonPropertyDescription(
            "StorageClass of the volume. Default: the default class of the cluster. Empty"
                + " (\"\") means no class, as in a PersistentVolumeClaim: only a manually created"
                + " volume without a class matches. Immutable; it can be neither added nor"
                + " removed later.")
        @Size(max = 253)
        @ValidationRule(
            value = VolumeRules.CLASS_FORM,
            message =
                "storage.storageClassName must be the name of a StorageClass (lower-case"
                    + " letters, digits, '-' and '.'), or empty for no class")
        String storageClassName) {}
