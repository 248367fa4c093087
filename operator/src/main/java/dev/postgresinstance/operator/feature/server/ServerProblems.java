package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.LoginProblems;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.data.UserConsent;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.reconcile.InstanceStatus;
import dev.postgresinstance.operator.reconcile.InstanceStatus.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Why an instance takes no logins: no server is wanted, there is none, or it does not let one in.
 */
public final class ServerProblems {

  /** A new StatefulSet has its pod sooner, unless something is in the way. */
  private static final Duration MADE = Duration.ofSeconds(3);

  private ServerProblems() {}

  /** The reason; empty when a login succeeds. */
  public static Optional<Problem> of(Observation observation, Instant now) {
    return suspended(observation)
        .or(() -> InstanceStatus.first(observation, ConditionType.AVAILABLE))
        .or(() -> troubleOfServer(observation, now));
  }

  private static Optional<Problem> troubleOfServer(Observation observation, Instant now) {
    Optional<Pod> pod = observation.snapshot().pod();
    if (pod.isEmpty()) {
      return Optional.of(withoutPod(observation.snapshot(), now));
    }
    if (pod.get().getMetadata().getDeletionTimestamp() != null) {
      return starting("The pod is being stopped; a new one follows.");
    }
    return observation.login() instanceof LoggedIn
        ? unrecorded(observation.snapshot())
        : PodProblems.of(observation.snapshot(), pod.get())
            .map(found -> withRemedy(observation.snapshot(), found))
            .or(() -> LoginProblems.of(observation, now));
  }

  private static Problem withoutPod(Snapshot snapshot, Instant now) {
    if (snapshot.paused()) {
      return new Problem(Reason.CREATING, "There is no pod.");
    }
    boolean isNew =
        snapshot
            .statefulSet()
            .map(set -> Instant.parse(set.getMetadata().getCreationTimestamp()))
            .filter(created -> created.plus(MADE).isAfter(now))
            .isPresent();
    return isNew
        ? LoginProblems.STARTING
        : new Problem(
            Reason.CREATING,
            "The pod is being made. If not soon, kubectl describe statefulset %s says why."
                .formatted(Names.statefulSet(snapshot.instance())));
  }

  /** The start script does not know the claim that a person has to name. */
  private static Problem withRemedy(Snapshot snapshot, Problem problem) {
    return problem.reason() == Reason.DATA_MISSING
        ? new Problem(
            problem.reason(), problem.message() + " " + UserConsent.remedyForEmptyVolume(snapshot))
        : problem;
  }

  /** Ready is said only when the record would tell the data from an empty volume. */
  private static Optional<Problem> unrecorded(Snapshot snapshot) {
    return DataRecord.of(snapshot).isPresent()
        ? Optional.empty()
        : starting("The server takes logins; its data is not recorded yet.");
  }

  /** A server that goes on in spite of the wish, because something else is wrong, is no such. */
  private static Optional<Problem> suspended(Observation observation) {
    Snapshot snapshot = observation.snapshot();
    boolean runs =
        snapshot.pod().filter(pod -> pod.getMetadata().getDeletionTimestamp() == null).isPresent();
    boolean goesOn =
        snapshot.paused() || observation.problems().stream().anyMatch(Problem::preventsReady);
    if (!snapshot.suspended() || (runs && goesOn)) {
      return Optional.empty();
    }
    return problem(
        Reason.SUSPENDED,
        snapshot.pod().isPresent()
            ? "The server is being stopped, as spec.suspend asks for."
            : "No server runs, as spec.suspend asks for; volume, passwords and port stay. Set"
                + " spec.suspend to false to start it again.");
  }

  private static Optional<Problem> starting(String message) {
    return problem(Reason.STARTING, message);
  }

  private static Optional<Problem> problem(Reason reason, String message) {
    return Optional.of(new Problem(reason, message));
  }
}
