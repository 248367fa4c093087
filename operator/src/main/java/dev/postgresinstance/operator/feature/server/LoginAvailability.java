package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.LoginProblems;
import dev.postgresinstance.operator.feature.server.pod.OtherContainerProblems;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether a login shows that the server is available; the pod itself reports no problem. */
final class LoginAvailability {

  /** How long a Service may take to route to a pod that has started or become ready. */
  private static final Duration ROUTING = Duration.ofSeconds(10);

  /** A server that has nothing to recover accepts logins sooner. */
  private static final Duration USUAL_START = Duration.ofSeconds(5);

  /** A container in which no server runs by then is doing something that a person should know. */
  private static final Duration LONG_START = Duration.ofSeconds(30);

  /** The same sentence for all seconds of a start, so that the status is written once. */
  static final Problem STARTING = new Problem(Reason.STARTING, "The server is starting.");

  private LoginAvailability() {}

  /** Why the last login did not succeed; empty when it did, or when an earlier one still counts. */
  static Optional<Problem> problem(Observation observation, Instant now) {
    Snapshot snapshot = observation.snapshot();
    return switch (observation.login()) {
      case LoggedIn loggedIn -> Optional.empty();
      case LoginResult.Pending pending when isStillAvailable(snapshot) -> Optional.empty();
      case LoginResult.Pending pending -> Optional.of(STARTING);
      case LoginRejected rejected when rejected.isNotReadyYet() ->
          recovering(snapshot, rejected, now).or(() -> Optional.of(STARTING));
      case LoginRejected rejected -> Optional.of(LoginProblems.rejected(snapshot, rejected));
      case LoginResult.Unreachable unreachable ->
          Optional.of(unreachable(snapshot, unreachable.message(), now));
    };
  }

  /**
   * A new operator process has not logged in yet. What the process before it has proven of this
   * server holds meanwhile; otherwise each upgrade of the operator would make all instances
   * unavailable for a moment.
   */
  private static boolean isStillAvailable(Snapshot snapshot) {
    return snapshot.previousStatus().isTrue(ConditionType.AVAILABLE)
        && (isStarted(snapshot) || isProvenOfThisContainer(snapshot));
  }

  /** A login may succeed before the first probe does. */
  private static boolean isProvenOfThisContainer(Snapshot snapshot) {
    Optional<Instant> availableSince =
        snapshot
            .previousStatus()
            .condition(ConditionType.AVAILABLE)
            .map(Condition::getLastTransitionTime)
            .map(Instant::parse);
    return runningSince(snapshot)
        .flatMap(start -> availableSince.filter(since -> !since.isBefore(start)))
        .isPresent();
  }

  private static Problem unreachable(Snapshot snapshot, String message, Instant now) {
    if (isRoutingPending(snapshot, now)) {
      return new Problem(
          Reason.STARTING, "The server has started; the Service does not route to it yet.");
    }
    return isStarted(snapshot)
        ? new Problem(
            Reason.OPERATOR_CANNOT_CONNECT,
            "The operator cannot connect through the Service: %s. According to the pod, its server %s connections.%s"
                .formatted(
                    message,
                    snapshot.pod().filter(DatabaseContainer::isReady).isPresent()
                        ? "accepts"
                        : "does not accept",
                    snapshot.pod().map(OtherContainerProblems::notReady).orElse("")))
        : starting(snapshot, now);
  }

  /** Each step of the start script that may take long says so in the log. */
  private static Problem starting(Snapshot snapshot, Instant now) {
    return runningSince(snapshot)
        .filter(since -> since.plus(LONG_START).isBefore(now))
        .map(
            since ->
                new Problem(
                    Reason.STARTING,
                    "The container has been running since %s, and no server answers yet: the start script is still preparing the volume, or the server recovers. The log shows the step: %s"
                        .formatted(since, KubectlCommand.logs(snapshot.instance()))))
        .orElse(STARTING);
  }

  private static Optional<Problem> recovering(
      Snapshot snapshot, LoginRejected rejected, Instant now) {
    return runningSince(snapshot)
        .filter(since -> rejected.isCrashRecovery() || since.plus(USUAL_START).isBefore(now))
        .map(
            since ->
                new Problem(
                    Reason.RECOVERING,
                    "The server was not shut down properly and replays its write-ahead log%s: %s. This can take as long as the last max_wal_size of changes took; a restart starts it over."
                        .formatted(duration(since, now), rejected.message())));
  }

  /** In minutes, so that the status is not written again and again. */
  private static String duration(Instant since, Instant now) {
    long minutes = Duration.between(since, now).toMinutes();
    String duration = minutes == 1 ? ", for 1 minute" : ", for %d minutes".formatted(minutes);
    return "; its container has been running since %s%s"
        .formatted(since, minutes == 0 ? "" : duration);
  }

  /** Every node has to learn of a pod that has just started, or become ready. */
  private static boolean isRoutingPending(Snapshot snapshot, Instant now) {
    return Stream.concat(
            runningSince(snapshot).stream(),
            snapshot.pod().flatMap(pod -> PodState.trueSince(pod, "Ready")).stream())
        .anyMatch(time -> time.plus(ROUTING).isAfter(now));
  }

  private static boolean isStarted(Snapshot snapshot) {
    return snapshot.pod().filter(DatabaseContainer::isStarted).isPresent();
  }

  private static Optional<Instant> runningSince(Snapshot snapshot) {
    return snapshot.pod().flatMap(DatabaseContainer::runningSince);
  }
}
