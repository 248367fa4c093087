package dev.postgresinstance.operator.children;

import dev.postgresinstance.api.v1alpha1.ServiceSpec;
import dev.postgresinstance.api.v1alpha1.ServiceType;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import java.util.Optional;

/** The Service: the instance's address inside the cluster and its port outside. */
public final class InstanceService {

  private InstanceService() {}

  /** The Service as the spec asks for it, with the node port that was asked for or had before. */
  public static Service desired(World world) {
    ServiceSpec spec = world.instance().getSpec().service();
    return service(world, spec.type(), requestedNodePort(world));
  }

  /** The Service for as long as the cluster does not grant the node port: reachable inside only. */
  public static Service insideOnly(World world) {
    return service(world, ServiceType.CLUSTER_IP, Optional.empty());
  }

  /** The node port the instance asks for: the spec's, else the one it had last. */
  public static Optional<Integer> requestedNodePort(World world) {
    ServiceSpec spec = world.instance().getSpec().service();
    if (spec.type() == ServiceType.CLUSTER_IP) {
      return Optional.empty();
    }
    return Optional.ofNullable(spec.nodePort()).or(() -> DataRecord.nodePort(world));
  }

  private static Service service(World world, ServiceType type, Optional<Integer> nodePort) {
    return new ServiceBuilder()
        .withMetadata(Labels.owned(world, Names.service(world.instance()), "service").build())
        .withNewSpec()
        .withType(type.kubernetesName())
        .withSelector(Labels.selector(world.instance()))
        // A client sees "the database system is starting up" instead of nothing, and gets in as
        // soon as Postgres lets it, not one readiness probe later.
        .withPublishNotReadyAddresses(true)
        .withPorts(port(nodePort))
        .endSpec()
        .build();
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
