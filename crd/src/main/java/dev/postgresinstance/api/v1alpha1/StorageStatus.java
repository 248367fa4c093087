package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;

/**
 * The observed state of the volume.
 *
 * @param requested size that the claim requests, in bytes
 * @param actual actual size of the volume, in bytes; null until it is known
 * @param used space that the databases, the write-ahead log and the reserve use, in bytes. It stays
 *     until the space differs by a twentieth of the volume, so that the status is rarely written;
 *     null until the server has reported it
 * @param retained whether the claim and the Secrets would stay if the resource were deleted now,
 *     according to their owner references; null while there is no claim, or while the objects
 *     differ
 * @param reclaimPolicy reclaim policy of the PersistentVolume; null while there is none, or if the
 *     operator may not read it
 * @param claimName name of the claim that holds the data
 * @param claimUid uid of that claim, which an annotation that concerns its data names
 * @param restoredTo value of the annotation {@code restore-to} by which the data was restored onto
 *     the claim; null if it was not
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StorageStatus(
    @JsonPropertyDescription("Size that the claim requests.") Quantity requested,
    @JsonPropertyDescription("Actual size of the volume.") Quantity actual,
    @JsonPropertyDescription(
            "Space that the databases, the write-ahead log and the reserve use. It is updated"
                + " when it has changed by a twentieth of the volume.")
        Quantity used,
    @JsonPropertyDescription(
            "Whether the volume and the passwords would stay if this resource were deleted"
                + " now. It follows spec.deletionPolicy; absent while the objects differ.")
        Boolean retained,
    @JsonPropertyDescription(
            "Reclaim policy of the PersistentVolume: whether the volume is kept (Retain) or"
                + " deleted (Delete) when its claim is deleted, for example with the namespace."
                + " Absent if the operator may not read PersistentVolumes.")
        @Size(max = 16)
        String reclaimPolicy,
    @JsonPropertyDescription("Name of the PersistentVolumeClaim that holds the data.")
        @Size(max = 253)
        String claimName,
    @JsonPropertyDescription(
            "Uid of that claim. Annotations that concern its data name it, for example"
                + " postgresinstance.dev/restore-to.")
        @Size(max = 64)
        String claimUid,
    @JsonPropertyDescription(
            "Value of the annotation postgresinstance.dev/restore-to by which the data was restored"
                + " onto that claim. Absent if it was not restored in place.")
        @Size(max = 512)
        String restoredTo) {}
