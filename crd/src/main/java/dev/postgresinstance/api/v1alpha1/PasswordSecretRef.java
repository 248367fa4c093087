package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * A user-provided password.
 *
 * @param name name of the Secret, in the namespace of the instance
 * @param key key of the password in the Secret; default "password"
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PasswordSecretRef(
    @JsonPropertyDescription("Name of the Secret, in the namespace of the instance.")
        @Required
        @Size(max = 253)
        @ValidationRule(
            value =
                "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
            message =
                "passwordSecretRef.name must be the name of a Secret: lower-case letters, digits, '-'"
                    + " and '.'")
        String name,
    @JsonPropertyDescription("Key of the password in the Secret.")
        @Default("password")
        @Size(max = 253)
        @ValidationRule(
            value = "self.matches('^[-._a-zA-Z0-9]+$')",
            message =
                "passwordSecretRef.key must be a key of a Secret: letters, digits, '-', '_' and '.'")
        String key) {}
