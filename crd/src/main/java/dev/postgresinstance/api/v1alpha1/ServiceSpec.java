package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;

/**
 * How clients connect to the server.
 *
 * @param type the type of the Service; default NodePort
 * @param nodePort the requested port, 1 to 65535; null means that the cluster chooses one, which
 *     then stays. Only the cluster knows whether it is free and in the cluster's range: see {@link
 *     Reason#NODE_PORT_UNAVAILABLE}
 * @param advertisedHost the name or address with which clients outside the cluster reach the nodes
 *     or the load balancer; null means the addresses that the cluster reports
 * @param annotations annotations of the Service, for controllers of load balancers or DNS names;
 *     null means none
 * @param externalTrafficPolicy which nodes accept traffic from outside the cluster; default Cluster
 * @param loadBalancerSourceRanges the addresses that the load balancer accepts, in CIDR notation;
 *     null or empty means all
 */
@ValidationRule(
    value = "!has(self.nodePort) || self.type != 'ClusterIP'",
    fieldPath = ".nodePort",
    message =
        "service.nodePort needs type NodePort or LoadBalancer; a Service of type ClusterIP has no"
            + " port outside the cluster")
@ValidationRule(
    value = "!has(self.advertisedHost) || self.type != 'ClusterIP'",
    fieldPath = ".advertisedHost",
    message =
        "service.advertisedHost needs type NodePort or LoadBalancer; a Service of type ClusterIP"
            + " has no address outside the cluster")
@ValidationRule(
    value =
        "!has(self.externalTrafficPolicy) || self.externalTrafficPolicy != 'Local'"
            + " || self.type != 'ClusterIP'",
    fieldPath = ".externalTrafficPolicy",
    message =
        "service.externalTrafficPolicy Local needs type NodePort or LoadBalancer; a"
            + " Service of type ClusterIP receives no traffic from outside the cluster")
@ValidationRule(
    value =
        "!has(self.loadBalancerSourceRanges) || self.loadBalancerSourceRanges.size() == 0"
            + " || self.type == 'LoadBalancer'",
    fieldPath = ".loadBalancerSourceRanges",
    message =
        "service.loadBalancerSourceRanges needs type LoadBalancer; for other types use a"
            + " NetworkPolicy")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServiceSpec(
    @JsonPropertyDescription(
            "Type of the Service: clients outside the cluster can reach NodePort and"
                + " LoadBalancer; only clients inside can reach ClusterIP.")
        @Default("NodePort")
        ServiceType type,
    @JsonPropertyDescription(
            "Requested port on the nodes; it must be free and in the cluster's range,"
                + " usually 30000 to 32767. Default: the cluster chooses a port, which then"
                + " stays.")
        @Min(1)
        @Max(65535)
        Integer nodePort,
    @JsonPropertyDescription(
            "Host name or IP address with which clients outside the cluster reach the nodes"
                + " or the load balancer. The status and the Secret contain it instead of the"
                + " addresses of the nodes or the load balancer.")
        @Size(max = 253)
        @ValidationRule(
            value =
                "self.matches('^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
                    + "([.][a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
                    + "|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$')",
            message =
                "service.advertisedHost must be a host name or an IP address, without port or"
                    + " brackets")
        String advertisedHost,
    @JsonPropertyDescription(
            "Annotations of the Service, for controllers of load balancers or DNS names. An"
                + " annotation that is removed here is also removed from the Service.")
        @ValidationRule(
            value = MetadataRules.ANNOTATIONS,
            message =
                "service.annotations must have keys such as example.com/name or name, with a name of"
                    + " at most 63 characters")
        @ValidationRule(
            value = MetadataRules.ANNOTATIONS_NOT_RESERVED,
            message =
                "service.annotations must not have keys that start with postgresinstance.dev/"
                    + " or argocd.argoproj.io/, with which the operator and Argo CD identify their"
                    + " objects")
        Map<String, @Size(max = 4096) String> annotations,
    @JsonPropertyDescription(
            "Which nodes accept traffic from outside the cluster: with Cluster, every node;"
                + " with Local, only the node of the pod, and the server sees the clients' own"
                + " addresses.")
        @Default("Cluster")
        ExternalTrafficPolicy externalTrafficPolicy,
    @JsonPropertyDescription(
            "Addresses that the load balancer accepts, for example 192.0.2.0/24, if its"
                + " controller supports this. Default: all.")
        @Size(max = 64)
        @ValidationRule(
            value =
                "self.all(r, r.matches('^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])[.]){3}"
                    + "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])/(3[0-2]|[12]?[0-9])$')"
                    + " || r.matches('^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*/"
                    + "(12[0-8]|1[01][0-9]|[1-9]?[0-9])$'))",
            message =
                "service.loadBalancerSourceRanges must be address ranges such as 192.0.2.0/24"
                    + " or 2001:db8::/32")
        List<@Size(max = 64) String> loadBalancerSourceRanges) {}
