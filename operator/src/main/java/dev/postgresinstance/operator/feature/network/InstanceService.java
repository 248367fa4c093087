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

/** The Service: the address of the instance inside the cluster, and its port outside. */
public final class InstanceService {

  private InstanceService() {}

  /**
   * The Service as the spec asks for it, with the requested node port or the last one. A node port
   * that the Service has already and that the spec does not name is left out: it stays, and naming
   * it would be one more write.
   */
  public static Service desired(Snapshot snapshot) {
    ServiceSpec spec = snapshot.instance().getSpec().service();
    Optional<Integer> port = requestedNodePort(snapshot);
    boolean stays = spec.nodePort() == null && port.equals(snapshot.nodePort());
    return service(snapshot, spec.type(), stays ? Optional.empty() : port);
  }

  /**
   * The Service while the requested node port is unavailable: with its present node port, or else
   * reachable inside the cluster only.
   */
  public static Service withoutNewPort(Snapshot snapshot) {
    ServiceSpec spec = snapshot.instance().getSpec().service();
    return spec.type() == ServiceType.CLUSTER_IP || snapshot.nodePort().isEmpty()
        ? service(snapshot, ServiceType.CLUSTER_IP, Optional.empty())
        : service(snapshot, spec.type(), snapshot.nodePort());
  }

  /** The node port to request: the one in the spec, or else the last one. */
  public static Optional<Integer> requestedNodePort(Snapshot snapshot) {
    ServiceSpec spec = snapshot.instance().getSpec().service();
    if (spec.type() == ServiceType.CLUSTER_IP) {
      return Optional.empty();
    }
    return Optional.ofNullable(spec.nodePort()).or(() -> DataRecord.nodePort(snapshot));
  }

  private static Service service(Snapshot snapshot, ServiceType type, Optional<Integer> nodePort) {
    ServiceSpec spec = snapshot.instance().getSpec().service();
    // The API server rejects fields that the type does not have.
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
        // Clients see "the database system is starting up" instead of a time-out, and can log in as
        // soon as PostgreSQL accepts them, not one readiness probe later.
        .withPublishNotReadyAddresses(true)
        .withPorts(port(nodePort))
        .endSpec()
        .build();
  }

  private static List<String> sourceRanges(ServiceSpec spec, ServiceType type) {
    List<String> requested = spec.loadBalancerSourceRanges();
    return type == ServiceType.LOAD_BALANCER && requested != null ? requested : List.of();
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
