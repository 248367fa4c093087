package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/**
 * Where clients outside the cluster connect: the same port on each of the hosts.
 *
 * @param hosts addresses of the nodes or of the load balancer, at most {@link #MAX_HOSTS}; null or
 *     empty if they are unknown
 * @param port the node port or the load balancer's port, 1 to 65535
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ExternalEndpoint(
    @JsonPropertyDescription(
            "Addresses or names of the nodes or of the load balancer; at most 16, even if the"
                + " cluster has more nodes.")
        @Size(max = MAX_HOSTS)
        List<@Size(max = 253) String> hosts,
    @JsonPropertyDescription("Port on each of the hosts.") @Min(1) @Max(65535) Integer port) {

  /** The API server rejects a status with more hosts. */
  public static final int MAX_HOSTS = 16;
}
