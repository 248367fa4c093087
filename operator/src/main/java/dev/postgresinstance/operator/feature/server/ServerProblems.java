package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.server.pod.OtherContainerProblems;
import dev.postgresinstance.operator.feature.server.pod.RefusalRemedies;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Why no login to an instance succeeds: it is suspended, it has no running server, or the server
 * rejects the login.
 */
final class ServerProblems {

  /** A new StatefulSet has its pod sooner, unless something prevents it. */
  private static final Duration POD_CREATION = Duration.ofSeconds(3);

  private ServerProblems() {}

  /** The problem; empty when a login succeeds. */
  static Optional<Problem> of(Observation observation, Instant now) {
    return suspended(observation)
        .or(() -> observation.worst(ConditionType.AVAILABLE))
        .or(() -> server(observation, now))
        .map(problem -> new Problem(ConditionType.AVAILABLE, problem.reason(), problem.message()));
  }

  private static Optional<Problem> server(Observation observation, Instant now) {
    Snapshot snapshot = observation.snapshot();
    Optional<Pod> pod = snapshot.pod();
    if (pod.isEmpty()) {
      return Optional.of(withoutPod(snapshot, now));
    }
    if (snapshot.activePod().isEmpty()) {
      return Optional.of(
          new Problem(Reason.STARTING, "The pod is being stopped; a new one follows."));
    }
    return observation.login() instanceof LoggedIn
        ? unrecorded(snapshot)
        : OtherContainerProblems.of(pod.get(), now)
            .or(() -> PodProblems.of(snapshot, pod.get()))
            .map(problem -> RefusalRemedies.addTo(problem, snapshot))
            .or(() -> LoginAvailability.problem(observation, now));
  }

  private static Problem withoutPod(Snapshot snapshot, Instant now) {
    if (snapshot.paused()) {
      return new Problem(Reason.CREATING, "There is no pod.");
    }
    boolean isNew =
        snapshot
            .get(ObjectKey.STATEFUL_SET)
            .map(set -> Instant.parse(set.getMetadata().getCreationTimestamp()))
            .filter(created -> created.plus(POD_CREATION).isAfter(now))
            .isPresent();
    return isNew
        ? LoginAvailability.STARTING
        : new Problem(
            Reason.CREATING,
            "The pod is being created. If this takes long, %s shows why."
                .formatted(
                    KubectlCommand.describe(
                        snapshot.instance(),
                        "statefulset",
                        Names.statefulSet(snapshot.instance()))));
  }

  /** Without a record of its data, the operator would take an empty volume for a new instance. */
  private static Optional<Problem> unrecorded(Snapshot snapshot) {
    return DataRecord.of(snapshot).isPresent()
        ? Optional.empty()
        : Optional.of(
            new Problem(
                Reason.STARTING, "The server accepts logins; its data is not recorded yet."));
  }

  /**
   * Why a suspended instance has no server. Empty while another problem, or a paused
   * reconciliation, keeps its server running: then that is what a person has to know.
   */
  private static Optional<Problem> suspended(Observation observation) {
    Snapshot snapshot = observation.snapshot();
    boolean isKept =
        snapshot.paused() || observation.problems().stream().anyMatch(Problem::preventsReady);
    if (!snapshot.suspended() || (snapshot.activePod().isPresent() && isKept)) {
      return Optional.empty();
    }
    return Optional.of(
        new Problem(
            Reason.SUSPENDED,
            snapshot.pod().isPresent()
                ? "The server is being stopped because spec.suspend is true."
                : "No server runs because spec.suspend is true; volume, passwords and port are kept."
                    + " Set spec.suspend to false to start it again."));
  }
}
