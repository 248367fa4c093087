package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;

/**
 * The authority with which the operator signs the certificates of an instance.
 *
 * @param notAfter when the authority expires, in RFC 3339
 * @param rotation step of the rotation in progress; null if there is none
 * @param nextStepAt when the next step is due, in RFC 3339; null without a rotation
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AuthorityStatus(
    @JsonPropertyDescription(
            "When the authority expires. The operator replaces it in the year before.")
        @Size(max = 32)
        String notAfter,
    @JsonPropertyDescription(
            "Step of the rotation in progress. NewAuthorityPublished: ca.crt contains the next"
                + " authority, which does not sign yet. FormerAuthorityTrusted: the new one signs,"
                + " and ca.crt still contains the former one.")
        AuthorityRotationStep rotation,
    @JsonPropertyDescription("When the next step of the rotation is due.") @Size(max = 32)
        String nextStepAt) {}
