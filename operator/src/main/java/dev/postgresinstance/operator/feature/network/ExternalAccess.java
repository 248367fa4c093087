package dev.postgresinstance.operator.feature.network;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.ServiceSpec;
import dev.postgresinstance.api.v1alpha1.ServiceType;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.reconcile.InstanceStatus.Observation;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.Service;
import java.util.Optional;

/** Whether clients outside the cluster have the address that the spec asks for. */
public final class ExternalAccess {

  private ExternalAccess() {}

  /** Whether the spec asks for an address outside the cluster at all. */
  public static boolean isAsked(Snapshot snapshot) {
    return snapshot.instance().getSpec().service().type() != ServiceType.CLUSTER_IP;
  }

  /** What is missing; empty when all is granted, or nothing asked for. */
  public static Optional<Problem> problem(Observation observation) {
    Snapshot snapshot = observation.snapshot();
    if (!isAsked(snapshot)) {
      return Optional.empty();
    }
    return observation.problems().stream()
        .filter(problem -> problem.condition() == ConditionType.EXTERNAL_ACCESS_READY)
        .findFirst()
        .or(() -> isGranted(snapshot) ? Optional.empty() : Optional.of(missing(snapshot)));
  }

  /** What is granted, in a sentence. */
  public static String granted(Snapshot snapshot) {
    return "Clients outside the cluster connect to %s."
        .formatted(Endpoints.of(snapshot).map(EndpointsStatus::address).orElseThrow());
  }

  /**
   * That the node port cannot be had.
   *
   * @param asked the port; empty when any would do
   * @param words why, as the API server says
   * @param holder the Service that has it, where that is known
   */
  public static Problem nodePortUnavailable(
      Snapshot snapshot, Optional<Integer> asked, String words, Optional<Service> holder) {
    String whose =
        holder
            .map(Service::getMetadata)
            .map(
                s -> " Service %s in namespace %s has it.".formatted(s.getName(), s.getNamespace()))
            .orElse("");
    String meanwhile =
        snapshot
            .nodePort()
            .map(port -> "The server stays at port " + port)
            .orElse("The server is reachable inside the cluster only");
    return new Problem(
        ConditionType.EXTERNAL_ACCESS_READY,
        Reason.NODE_PORT_UNAVAILABLE,
        "Node port %scannot be had: %s.%s It is asked for again every few seconds; no other is taken. %s until it is free, or spec.service.nodePort names another."
            .formatted(asked.map(p -> p + " ").orElse(""), words, whose, meanwhile));
  }

  /** Whether the Service is of the type, and at the port, that the spec asks for. */
  private static boolean isGranted(Snapshot snapshot) {
    ServiceSpec asked = snapshot.instance().getSpec().service();
    return snapshot
            .service()
            .filter(service -> asked.type().kubernetesName().equals(service.getSpec().getType()))
            .isPresent()
        && (asked.nodePort() == null || snapshot.nodePort().equals(Optional.of(asked.nodePort())))
        && Endpoints.of(snapshot).map(EndpointsStatus::external).isPresent();
  }

  private static Problem missing(Snapshot snapshot) {
    String service = Names.service(snapshot.instance());
    boolean balanced =
        snapshot
            .service()
            .filter(s -> ServiceType.LOAD_BALANCER.kubernetesName().equals(s.getSpec().getType()))
            .isPresent();
    return balanced
        ? new Problem(
            ConditionType.EXTERNAL_ACCESS_READY,
            Reason.LOAD_BALANCER_PENDING,
            ("Service %1$s has no load balancer yet; kubectl describe service %1$s tells more. If"
                    + " the cluster makes none, set spec.service.type to NodePort.")
                .formatted(service))
        : new Problem(
            ConditionType.EXTERNAL_ACCESS_READY,
            Reason.CREATING,
            "Service %s is not yet as the spec asks for.".formatted(service));
  }
}
