package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;

/**
 * Where the server answers.
 *
 * @param address the one address to show to a person, "host:port"; external where there is one
 * @param internal for clients inside the cluster
 * @param external for clients outside; null where the Service cannot be reached from there
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EndpointsStatus(
    @JsonPropertyDescription(
            "The address to show, as host:port: the first external one, else the internal one.")
        @Size(max = 300)
        String address,
    @JsonPropertyDescription("Where clients inside the cluster connect.") InternalEndpoint internal,
    @JsonPropertyDescription("Where clients outside the cluster connect.")
        ExternalEndpoint external) {}
