package dev.postgresinstance.operator.status;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.ServiceSpec;
import dev.postgresinstance.api.v1alpha1.ServiceType;
import dev.postgresinstance.operator.children.Endpoints;
import dev.postgresinstance.operator.children.Names;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.status.InstanceStatus.Observation;
import io.fabric8.kubernetes.api.model.Service;
import java.util.Optional;

/** Whether clients outside the cluster have the address that the spec asks for. */
public final class ExternalAccess {

  private ExternalAccess() {}

  /** Whether the spec asks for an address outside the cluster at all. */
  static boolean isAsked(World world) {
    return world.instance().getSpec().service().type() != ServiceType.CLUSTER_IP;
  }

  /** What is missing; empty when all is granted, or nothing asked for. */
  static Optional<Trouble> trouble(Observation observation) {
    World world = observation.world();
    if (!isAsked(world)) {
      return Optional.empty();
    }
    return observation.troubles().stream()
        .filter(trouble -> trouble.condition() == ConditionType.EXTERNAL_ACCESS_READY)
        .findFirst()
        .or(() -> isGranted(world) ? Optional.empty() : Optional.of(missing(world)));
  }

  /** What is granted, in a sentence. */
  static String granted(World world) {
    return "Clients outside the cluster connect to %s."
        .formatted(Endpoints.of(world).map(EndpointsStatus::address).orElseThrow());
  }

  /**
   * That the node port cannot be had.
   *
   * @param asked the port; empty when any would do
   * @param words why, as the API server says
   * @param holder the Service that has it, where that is known
   */
  public static Trouble nodePortUnavailable(
      World world, Optional<Integer> asked, String words, Optional<Service> holder) {
    String whose =
        holder
            .map(Service::getMetadata)
            .map(
                s -> " Service %s in namespace %s has it.".formatted(s.getName(), s.getNamespace()))
            .orElse("");
    String meanwhile =
        world
            .nodePort()
            .map(port -> "The server stays at port " + port)
            .orElse("The server is reachable inside the cluster only");
    return new Trouble(
        ConditionType.EXTERNAL_ACCESS_READY,
        Reason.NODE_PORT_UNAVAILABLE,
        "Node port %scannot be had: %s.%s It is asked for again every few seconds; no other is taken. %s until it is free, or spec.service.nodePort names another."
            .formatted(asked.map(p -> p + " ").orElse(""), words, whose, meanwhile));
  }

  /** Whether the Service is of the type, and at the port, that the spec asks for. */
  private static boolean isGranted(World world) {
    ServiceSpec asked = world.instance().getSpec().service();
    return world
            .service()
            .filter(service -> asked.type().kubernetesName().equals(service.getSpec().getType()))
            .isPresent()
        && (asked.nodePort() == null || world.nodePort().equals(Optional.of(asked.nodePort())))
        && Endpoints.of(world).map(EndpointsStatus::external).isPresent();
  }

  private static Trouble missing(World world) {
    String service = Names.service(world.instance());
    boolean balanced =
        world
            .service()
            .filter(s -> ServiceType.LOAD_BALANCER.kubernetesName().equals(s.getSpec().getType()))
            .isPresent();
    return balanced
        ? new Trouble(
            ConditionType.EXTERNAL_ACCESS_READY,
            Reason.LOAD_BALANCER_PENDING,
            ("Service %1$s has no load balancer yet; kubectl describe service %1$s tells more. If"
                    + " the cluster makes none, set spec.service.type to NodePort.")
                .formatted(service))
        : new Trouble(
            ConditionType.EXTERNAL_ACCESS_READY,
            Reason.CREATING,
            "Service %s is not yet as the spec asks for.".formatted(service));
  }
}
