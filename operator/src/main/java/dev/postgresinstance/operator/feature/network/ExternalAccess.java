package dev.postgresinstance.operator.feature.network;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.ServiceSpec;
import dev.postgresinstance.api.v1alpha1.ServiceType;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.Service;
import java.util.Optional;

/** Whether clients outside the cluster have the address that the spec requests. */
public final class ExternalAccess {

  private ExternalAccess() {}

  /** Whether the spec requests an address outside the cluster. */
  static boolean isRequested(Snapshot snapshot) {
    return snapshot.instance().getSpec().service().type() != ServiceType.CLUSTER_IP;
  }

  /** Why the address is missing; empty when clients have it, or when the spec requests none. */
  public static Optional<Problem> problem(Observation observation) {
    Snapshot snapshot = observation.snapshot();
    if (!isRequested(snapshot)) {
      return Optional.empty();
    }
    return observation
        .worst(ConditionType.EXTERNAL_ACCESS_READY)
        .or(() -> isGranted(snapshot) ? Optional.empty() : Optional.of(missing(snapshot)));
  }

  /** The address that clients have, in a sentence. */
  static String granted(Snapshot snapshot) {
    EndpointsStatus endpoints = Endpoints.of(snapshot).orElseThrow();
    return endpoints.external().hosts().isEmpty()
        ? "Clients outside the cluster connect to port %d; the operator knows no address of a node."
            .formatted(endpoints.external().port())
        : "Clients outside the cluster connect to %s.".formatted(endpoints.address());
  }

  /**
   * The node port is unavailable.
   *
   * @param requested the port; empty when any port would do
   * @param message of the API server
   * @param holder the Service that has the port, where it is known
   */
  static Problem nodePortUnavailable(
      Snapshot snapshot, Optional<Integer> requested, String message, Optional<Service> holder) {
    String held =
        holder
            .map(Service::getMetadata)
            .map(
                s -> " Service %s in namespace %s has it.".formatted(s.getName(), s.getNamespace()))
            .orElse("");
    String meanwhile =
        snapshot
            .nodePort()
            .map(port -> "The Service keeps port %d".formatted(port))
            .orElse("The Service has an address inside the cluster only");
    return problem(
        Reason.NODE_PORT_UNAVAILABLE,
        "Node port %sis unavailable: %s.%s The operator requests it again every few seconds and takes no other port. %s until the port is free, or until spec.service.nodePort names another one."
            .formatted(requested.map(p -> p + " ").orElse(""), message, held, meanwhile));
  }

  /** Whether the Service has the requested type and port. */
  private static boolean isGranted(Snapshot snapshot) {
    ServiceSpec requested = snapshot.instance().getSpec().service();
    return snapshot
            .get(ObjectKey.SERVICE)
            .filter(
                service -> requested.type().kubernetesName().equals(service.getSpec().getType()))
            .isPresent()
        && (requested.nodePort() == null
            || snapshot.nodePort().equals(Optional.of(requested.nodePort())))
        && Endpoints.of(snapshot).map(EndpointsStatus::external).isPresent();
  }

  private static Problem missing(Snapshot snapshot) {
    String service = Names.service(snapshot.instance());
    boolean balanced =
        snapshot
            .get(ObjectKey.SERVICE)
            .filter(s -> ServiceType.LOAD_BALANCER.kubernetesName().equals(s.getSpec().getType()))
            .isPresent();
    return balanced
        ? problem(
            Reason.LOAD_BALANCER_PENDING,
            "Service %s has no load balancer yet; %s shows more. If the cluster provides no load balancers, set spec.service.type to NodePort."
                .formatted(
                    service, KubectlCommand.describe(snapshot.instance(), "service", service)))
        : problem(Reason.CREATING, "Service %s does not match the spec yet.".formatted(service));
  }

  private static Problem problem(Reason reason, String message) {
    return new Problem(ConditionType.EXTERNAL_ACCESS_READY, reason, message);
  }
}
