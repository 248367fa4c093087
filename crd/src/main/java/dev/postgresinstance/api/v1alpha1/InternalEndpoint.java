package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;

/**
 * Where clients inside the cluster connect.
 *
 * @param host DNS name of the Service, "orders.shop.svc"
 * @param port port of the Service, 1 to 65535
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record InternalEndpoint(
    @JsonPropertyDescription("DNS name of the Service.") @Size(max = 253) String host,
    @JsonPropertyDescription("Port of the Service.") @Min(1) @Max(65535) Integer port) {}
