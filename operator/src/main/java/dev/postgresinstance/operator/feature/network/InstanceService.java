package dev.postgresinstance.operator.feature.network;

import dev.postgresinstance.api.v1alpha1.ServiceSpec;
import dev.postgresinstance.api.v1alpha1.ServiceType;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Service: the instance's address inside the cluster and its port outside. */
public final class InstanceService {

  private InstanceService() {}

  /**
   * The Service as the spec asks for it, with the node port that was asked for or had before. A
   * port that it has already, unasked, stays without being named: that would be a write more.
   */
  public static Service desired(Snapshot snapshot) {
    ServiceSpec spec = snapshot.instance().getSpec().service();
    Optional<Integer> port = requestedNodePort(snapshot);
    boolean stays = spec.nodePort() == null && port.equals(snapshot.nodePort());
    return service(snapshot, spec.type(), stays ? Optional.empty() : port);
  }

  /**
   * The Service for as long as the cluster does not grant the node port: at the port that it has,
   * else reachable inside only; with everything else that the spec asks for.
   */
  public static Service withoutNewPort(Snapshot snapshot) {
    ServiceSpec spec = snapshot.instance().getSpec().service();
    return spec.type() == ServiceType.CLUSTER_IP || snapshot.nodePort().isEmpty()
        ? service(snapshot, ServiceType.CLUSTER_IP, Optional.empty())
        : service(snapshot, spec.type(), snapshot.nodePort());
  }

  /** The node port the instance asks for: the spec's, else the one it had last. */
  public static Optional<Integer> requestedNodePort(Snapshot snapshot) {
    ServiceSpec spec = snapshot.instance().getSpec().service();
    if (spec.type() == ServiceType.CLUSTER_IP) {
      return Optional.empty();
    }
    return Optional.ofNullable(spec.nodePort()).or(() -> DataRecord.nodePort(snapshot));
  }

  private static Service service(Snapshot snapshot, ServiceType type, Optional<Integer> nodePort) {
    ServiceSpec spec = snapshot.instance().getSpec().service();
    // What a type does not know the API server refuses.
    boolean outside = type != ServiceType.CLUSTER_IP;
    return new ServiceBuilder()
        .withMetadata(
            Labels.owned(snapshot, Names.service(snapshot.instance()), "service")
                .addToAnnotations(Optional.ofNullable(spec.annotations()).orElse(Map.of()))
                .build())
        .withNewSpec()
        .withType(type.kubernetesName())
        .withExternalTrafficPolicy(outside ? spec.externalTrafficPolicy().kubernetesName() : null)
        .withLoadBalancerSourceRanges(sourceRanges(spec, type))
        // IPv4 and IPv6 where the cluster has both.
        .withIpFamilyPolicy("PreferDualStack")
        .withSelector(Labels.selector(snapshot.instance()))
        // A client sees "the database system is starting up" instead of nothing, and gets in as
        // soon as Postgres lets it, not one readiness probe later.
        .withPublishNotReadyAddresses(true)
        .withPorts(port(nodePort))
        .endSpec()
        .build();
  }

  private static List<String> sourceRanges(ServiceSpec spec, ServiceType type) {
    List<String> asked = spec.loadBalancerSourceRanges();
    return type == ServiceType.LOAD_BALANCER && asked != null ? asked : List.of();
  }

  private static ServicePort port(Optional<Integer> nodePort) {
    return new ServicePortBuilder()
        .withName(Names.PORT)
        .withProtocol("TCP")
        .withPort(Names.PORT_NUMBER)
        .withNewTargetPort(Names.PORT)
        .withNodePort(nodePort.orElse(null))
        .build();
  }
}
