package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * How long backups are kept.
 *
 * @param window every moment of this time before now stays recoverable; default 168h
 * @param minimum number of base backups that stay, however old they are; default 2
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BackupRetention(
    @JsonPropertyDescription(
            "Every moment of this time before now stays recoverable, in hours, minutes and seconds;"
                + " at least one hour.")
        @Default("168h")
        @Size(max = 32)
        @ValidationRule(
            value =
                "self.matches('^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$') && self != ''"
                    + " && duration(self) >= duration('1h')",
            message =
                "backup.retention.window must be a duration of at least one hour, for example 168h")
        String window,
    @JsonPropertyDescription("Number of base backups that stay, however old they are.")
        @Default("2")
        @Min(1)
        @Max(1000)
        Integer minimum) {}
