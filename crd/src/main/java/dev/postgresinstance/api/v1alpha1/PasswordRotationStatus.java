package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;

/**
 * When the password was rotated last and will be rotated next.
 *
 * @param lastTime when the current password was published, in RFC 3339
 * @param nextTime when the next password is generated, in RFC 3339
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PasswordRotationStatus(
    @JsonPropertyDescription("When the current password was published.") @Size(max = 32)
        String lastTime,
    @JsonPropertyDescription("When the operator generates the next password.") @Size(max = 32)
        String nextTime) {}
