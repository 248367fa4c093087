package dev.postgresinstance.operator.feature.network;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Child.Fallback;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rejection;
import dev.postgresinstance.operator.report.StatusBuilder;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The Service and the addresses at which clients reach the server. */
public final class NetworkFeature implements Feature {

  @Override
  public List<Child<?>> children(WritePhase phase, ReconcileInput input) {
    return phase == WritePhase.SERVICE
        ? List.of(
            Child.of(ObjectKey.SERVICE, InstanceService.desired(input.snapshot()))
                .orElse(rejection -> withoutNewPort(input, rejection)))
        : List.of();
  }

  /** Everything else that the spec asks for does not wait for the node port. */
  private static Optional<Fallback<Service>> withoutNewPort(
      ReconcileInput input, Rejection rejection) {
    if (!rejection.isNodePortUnavailable()) {
      return Optional.empty();
    }
    Snapshot snapshot = input.snapshot();
    Optional<Integer> requested = InstanceService.requestedNodePort(snapshot);
    return Optional.of(
        new Fallback.UseInstead<>(
            InstanceService.withoutNewPort(snapshot),
            ExternalAccess.nodePortUnavailable(
                snapshot,
                requested,
                rejection.message(),
                requested.flatMap(input.cluster()::holderOfNodePort))));
  }

  @Override
  public List<Problem> problems(Observation observation, Instant now) {
    return ExternalAccess.problem(observation).stream().toList();
  }

  @Override
  public void report(Observation observation, Instant now, StatusBuilder status) {
    status.endpoints(Endpoints.of(observation.snapshot()).orElse(null));
    if (ExternalAccess.isRequested(observation.snapshot())) {
      Optional<Problem> problem = ExternalAccess.problem(observation);
      problem.ifPresentOrElse(
          missing -> status.failed(ConditionType.EXTERNAL_ACCESS_READY, missing),
          () ->
              status.condition(
                  ConditionType.EXTERNAL_ACCESS_READY,
                  true,
                  Reason.GRANTED,
                  ExternalAccess.granted(observation.snapshot())));
    }
  }
}
