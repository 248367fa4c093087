package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;

/**
 * When the password was, and will be, made anew.
 *
 * @param lastTime when the present password was published, in RFC 3339; null while none is
 * @param nextTime when the next one is made, in RFC 3339; null where spec.passwordRotation is not
 *     set
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PasswordRotationStatus(
    @JsonPropertyDescription("When the present password was published.") @Size(max = 32)
        String lastTime,
    @JsonPropertyDescription("When the next one is made.") @Size(max = 32) String nextTime) {}
