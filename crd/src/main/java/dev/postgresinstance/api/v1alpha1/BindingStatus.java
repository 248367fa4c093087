package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;

/**
 * The Secret with the credentials, where the Service Binding specification for Kubernetes expects
 * it.
 *
 * @param name name of the Secret, in the namespace of the instance
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BindingStatus(
    @JsonPropertyDescription("Name of the Secret, in the namespace of the instance.")
        @Size(max = 253)
        String name) {}
