package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;

/**
 * The volume as it was observed.
 *
 * @param requested size that the claim asks for, in bytes
 * @param actual size that the volume has; null until it has one
 * @param used what the databases, the write-ahead log and the reserve take of it, to a twentieth of
 *     the volume, so that it rarely changes; null until the server was asked
 * @param retained whether claim and Secrets would stay if the resource were deleted now, as the
 *     objects themselves say; null while there is no claim, or some of them would stay and some not
 * @param reclaimPolicy that of the persistent volume; null while there is none, or where the
 *     operator may not read it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StorageStatus(
    @JsonPropertyDescription("Size that the claim asks for.") Quantity requested,
    @JsonPropertyDescription("Size that the volume has.") Quantity actual,
    @JsonPropertyDescription(
            "What the databases, the write-ahead log and the reserve take of it, to a twentieth of the"
                + " volume.")
        Quantity used,
    @JsonPropertyDescription(
            "Whether volume and passwords would stay if this resource were deleted now. It follows"
                + " spec.deletionPolicy; absent while it is not the same for all of them.")
        Boolean retained,
    @JsonPropertyDescription(
            "Reclaim policy of the persistent volume: whether it stays (Retain) or goes (Delete) when"
                + " its claim is deleted, for instance with the namespace. Absent where the operator"
                + " may not read volumes.")
        @Size(max = 16)
        String reclaimPolicy) {}
