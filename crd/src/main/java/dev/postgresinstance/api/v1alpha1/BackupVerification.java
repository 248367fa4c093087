package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * When the newest backup is restored to show that this is possible.
 *
 * @param schedule five fields of cron, in the time zone of the backups; null or empty means never
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BackupVerification(
    @JsonPropertyDescription(
            "When the newest backup is verified, as five fields of cron in the time zone of the"
                + " backups. 0 5 * * 0 means every Sunday at 5:00. By default, a backup is verified"
                + " only when you set the annotation postgresinstance.dev/verify-backup.")
        @Size(max = 128)
        @ValidationRule(
            value = "self == '' || self.matches('^[ ]*[^ ]+([ ]+[^ ]+){4}[ ]*$')",
            message =
                "backup.verify.schedule must have five fields: minute, hour, day of the month,"
                    + " month, day of the week; for example 0 5 * * 0")
        @ValidationRule(
            value = "self.matches('^[-0-9a-zA-Z*/, ]*$')",
            message =
                "backup.verify.schedule must contain only numbers, names of months and days, and"
                    + " the characters * / , -")
        String schedule) {}
