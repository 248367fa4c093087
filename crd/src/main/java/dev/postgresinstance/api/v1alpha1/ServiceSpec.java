package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * How clients reach the server.
 *
 * @param type the type of the Service; default NodePort
 * @param nodePort the port to ask for, 1 to 65535; null means that the cluster chooses one, which
 *     then stays. Whether it is free and in the cluster's range only the cluster knows: see {@link
 *     Reason#NODE_PORT_UNAVAILABLE}
 */
@ValidationRule(
    value = "!has(self.nodePort) || self.type != 'ClusterIP'",
    fieldPath = ".nodePort",
    message =
        "service.nodePort needs type NodePort or LoadBalancer; a Service of type ClusterIP has no"
            + " port outside the cluster")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServiceSpec(
    @JsonPropertyDescription(
            "Type of the Service: NodePort and LoadBalancer can be reached from outside the cluster,"
                + " ClusterIP only from inside.")
        @Default("NodePort")
        ServiceType type,
    @JsonPropertyDescription(
            "Port of the nodes to ask for; it must be free and in the cluster's range, usually 30000"
                + " to 32767. Default: the cluster chooses one, and it stays.")
        @Min(1)
        @Max(65535)
        Integer nodePort) {}
