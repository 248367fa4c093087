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
 * How clients reach the server.
 *
 * @param type the type of the Service; default NodePort
 * @param nodePort the port to ask for, 1 to 65535; null means that the cluster chooses one, which
 *     then stays. Whether it is free and in the cluster's range only the cluster knows: see {@link
 *     Reason#NODE_PORT_UNAVAILABLE}
 * @param advertisedHost the name or address by which clients outside reach the nodes or the load
 *     balancer; null means the addresses that the cluster tells
 * @param annotations annotations of the Service, for what makes load balancers or names; null means
 *     none
 * @param externalTrafficPolicy which nodes take traffic from outside; default Cluster
 * @param loadBalancerSourceRanges the addresses that the load balancer admits, in CIDR form; null
 *     or empty means all
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
        "service.externalTrafficPolicy Local needs type NodePort or LoadBalancer; to a Service of"
            + " type ClusterIP no traffic comes from outside")
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
            "Type of the Service: NodePort and LoadBalancer can be reached from outside the cluster,"
                + " ClusterIP only from inside.")
        @Default("NodePort")
        ServiceType type,
    @JsonPropertyDescription(
            "Port of the nodes to ask for; it must be free and in the cluster's range, usually 30000"
                + " to 32767. Default: the cluster chooses one, and it stays.")
        @Min(1)
        @Max(65535)
        Integer nodePort,
    @JsonPropertyDescription(
            "Name or IP address by which clients outside reach the nodes or the load balancer;"
                + " status and Secret name it instead of their own addresses.")
        @Size(max = 253)
        @ValidationRule(
            value =
                "self.matches('^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
                    + "([.][a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
                    + "|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$')",
            message =
                "service.advertisedHost must be a host name or an IP address, without a port and"
                    + " without brackets")
        String advertisedHost,
    @JsonPropertyDescription(
            "Annotations of the Service, for controllers of load balancers or of names. One that is"
                + " removed here is removed there.")
        @ValidationRule(
            value = AnnotationRules.KEYS,
            message =
                "service.annotations must have keys such as example.com/name or name, with a name of"
                    + " at most 63 characters")
        @ValidationRule(
            value = AnnotationRules.NOT_RESERVED,
            message =
                "service.annotations must not start with postgresinstance.dev/ or"
                    + " argocd.argoproj.io/, by which the operator and Argo CD know what is theirs")
        Map<String, @Size(max = 4096) String> annotations,
    @JsonPropertyDescription(
            "Which nodes take traffic from outside: with Cluster each one, with Local only the"
                + " pod's, and the server sees the clients' own addresses.")
        @Default("Cluster")
        ExternalTrafficPolicy externalTrafficPolicy,
    @JsonPropertyDescription(
            "Addresses that the load balancer admits, as 192.0.2.0/24, where its controller heeds"
                + " them. Default: all.")
        @Size(max = 64)
        @ValidationRule(
            value =
                "self.all(r, r.matches('^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])[.]){3}"
                    + "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])/(3[0-2]|[12]?[0-9])$')"
                    + " || r.matches('^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*/"
                    + "(12[0-8]|1[01][0-9]|[1-9]?[0-9])$'))",
            message =
                "service.loadBalancerSourceRanges must be ranges of addresses such as 192.0.2.0/24"
                    + " or 2001:db8::/32")
        List<@Size(max = 64) String> loadBalancerSourceRanges) {}
