package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Regular generation of a new password.
 *
 * @param interval time between two passwords, at least 10 minutes, as a duration such as 720h
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PasswordRotation(
    @JsonPropertyDescription(
            "Time between two passwords in hours, minutes and seconds, such as 720h; at"
                + " least 10 minutes.")
        @Required
        @Size(max = 32)
        @ValidationRule(
            value =
                "self.matches('^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?$') && self != ''"
                    + " && duration(self) >= duration('10m')",
            message =
                "passwordRotation.interval must be a duration of at least 10 minutes, for example"
                    + " 720h")
        String interval) {}
