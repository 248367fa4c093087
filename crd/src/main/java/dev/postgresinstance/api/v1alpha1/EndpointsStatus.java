package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;

/**
 * The addresses of the server.
 *
 * @param address the address to display, "host:port"; the external one if there is one
 * @param internal for clients inside the cluster
 * @param external for clients outside the cluster; null if they cannot reach the Service
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EndpointsStatus(
    @JsonPropertyDescription(
            "The address to display, as host:port: the first external address, or else the"
                + " internal one.")
        @Size(max = 300)
        String address,
    @JsonPropertyDescription("Where clients inside the cluster connect.") InternalEndpoint internal,
    @JsonPropertyDescription("Where clients outside the cluster connect.")
        ExternalEndpoint external) {}
