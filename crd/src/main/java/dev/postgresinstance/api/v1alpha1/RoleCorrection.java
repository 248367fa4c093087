package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;

/**
 * A change of somebody else that the operator took back.
 *
 * @param time when the operator corrected the role, in RFC 3339
 * @param message what it found and set
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RoleCorrection(
    @JsonPropertyDescription("When the operator corrected the role.") @Size(max = 32) String time,
    @JsonPropertyDescription("What somebody had changed.") @Size(max = 2048) String message) {}
