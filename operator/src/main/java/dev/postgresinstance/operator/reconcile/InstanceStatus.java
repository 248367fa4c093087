package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.ServiceSpec;
import dev.postgresinstance.api.v1alpha1.ServiceType;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.PreviousStatus;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Messages;
import dev.postgresinstance.operator.report.NoteConditions;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rank;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The status, as a pure function of what a reconciliation observed. */
final class InstanceStatus {

  /** Conditions that are set again even when the instance cannot be read. */
  private static final Set<String> ABOUT_THE_WHOLE =
      Set.of(
          ConditionType.READY.type(),
          ConditionType.RECONCILING.type(),
          ConditionType.STALLED.type());

  /** Conditions that every instance has; ExternalAccessReady depends on its spec. */
  private static final Set<ConditionType> OF_EVERY_INSTANCE =
      EnumSet.of(
          ConditionType.AVAILABLE,
          ConditionType.CREDENTIALS_IN_SYNC,
          ConditionType.CERTIFICATE_READY,
          ConditionType.INITIALIZED,
          ConditionType.STORAGE_READY);

  private static final Problem NOT_CONFIRMED_YET =
      new Problem(
              Reason.CONFIGURING,
              "The server accepts logins; the next login shows whether the spec is in force.")
          .ranked(Rank.UNCONFIRMED);

  private InstanceStatus() {}

  /** The status for an observation. */
  static PostgresInstanceStatus of(Observation observation, List<Feature> features, Instant now) {
    Snapshot snapshot = observation.snapshot();
    List<Problem> observed =
        features.stream().flatMap(feature -> feature.problems(observation, now).stream()).toList();
    Optional<Problem> down =
        observed.stream().filter(InstanceStatus::isAboutAvailability).findFirst();
    List<Problem> problems = notReady(observation, observed, down);
    boolean isAtRest = isAtRest(snapshot, problems);
    Optional<Problem> worst = problems.stream().findFirst();
    StatusBuilder status = new StatusBuilder(snapshot.instance(), down, now);
    status.condition(
        ConditionType.READY,
        worst.isEmpty() || isAtRest,
        snapshot.paused() ? Reason.PAUSED : worst.map(Problem::reason).orElse(Reason.RUNNING),
        readyMessage(observation, isAtRest ? problems.subList(0, 1) : problems));
    down.ifPresentOrElse(
        problem -> status.failed(ConditionType.AVAILABLE, problem),
        () ->
            status.condition(
                ConditionType.AVAILABLE, true, Reason.RUNNING, loggedIn(snapshot.instance())));
    worst
        .filter(problem -> !isAtRest)
        .ifPresent(problem -> reportNotReady(status, snapshot, problem));
    NoteConditions.ALL.forEach(type -> reportOnlyWhenTrue(status, type, observation));
    features.forEach(feature -> feature.report(observation, now, status));
    return status.build();
  }

  /** All problems that prevent Ready, the one that decides its reason first. */
  private static List<Problem> notReady(
      Observation observation, List<Problem> observed, Optional<Problem> down) {
    List<Problem> problems = new ArrayList<>(observation.problems());
    problems.removeIf(problem -> !problem.preventsReady());
    if (down.filter(problem -> problem.reason() == Reason.SUSPENDED).isPresent()) {
      problems.removeIf(InstanceStatus::isAboutAvailability);
    }
    problems.addAll(observed);
    if (problems.isEmpty()) {
      unconfirmed(observation).ifPresent(problems::add);
    }
    return problems.stream().distinct().sorted(Problem.MOST_SEVERE_FIRST).toList();
  }

  private static boolean isAboutAvailability(Problem problem) {
    return problem.condition() == ConditionType.AVAILABLE;
  }

  /**
   * The status of an instance that cannot be read, or whose children cannot: everything that was
   * known before, and why nothing more is known.
   */
  static PostgresInstanceStatus unread(PostgresInstance instance, Problem problem, Instant now) {
    StatusBuilder status = new StatusBuilder(instance, Optional.of(problem), now);
    status.failed(ConditionType.READY, problem);
    ConditionType notReady =
        problem.reason().needsPerson() ? ConditionType.STALLED : ConditionType.RECONCILING;
    status.condition(notReady, true, problem.reason(), problem.message());
    OF_EVERY_INSTANCE.forEach(
        type -> status.unknown(type, problem.reason(), "Nothing is known of it yet."));
    if (requestsExternalAccess(instance)) {
      status.unknown(
          ConditionType.EXTERNAL_ACCESS_READY, problem.reason(), "Nothing is known of it yet.");
    }
    status.previous().get(PostgresInstanceStatus::conditions).orElse(List.of()).stream()
        .filter(condition -> !ABOUT_THE_WHOLE.contains(condition.getType()))
        .forEach(status::keep);
    return status.buildFromPrevious();
  }

  /** Not for a spec that cannot be read: then it is not known either. */
  private static boolean requestsExternalAccess(PostgresInstance instance) {
    return Optional.ofNullable(instance.getSpec())
        .map(PostgresInstanceSpec::service)
        .map(ServiceSpec::type)
        .filter(type -> type != ServiceType.CLUSTER_IP)
        .isPresent();
  }

  /** Sets one of the conditions of kstatus, for programs that do not know the reasons. */
  private static void reportNotReady(StatusBuilder status, Snapshot snapshot, Problem problem) {
    if (problem.reason().needsPerson()) {
      status.condition(ConditionType.STALLED, true, problem.reason(), problem.message());
    } else if (!snapshot.paused()) {
      status.condition(ConditionType.RECONCILING, true, problem.reason(), problem.message());
    }
  }

  private static void reportOnlyWhenTrue(
      StatusBuilder status, ConditionType type, Observation observation) {
    List<Problem> problems = observation.of(type);
    if (!problems.isEmpty()) {
      String message = problems.stream().map(Problem::message).collect(Collectors.joining(" "));
      status.condition(type, true, problems.getFirst().reason(), message);
    }
  }

  private static String readyMessage(Observation observation, List<Problem> problems) {
    Snapshot snapshot = observation.snapshot();
    List<String> messages = new ArrayList<>();
    if (snapshot.paused()) {
      messages.add("Reconciliation is paused until spec.paused is false.");
    }
    problems.forEach(problem -> messages.add(problem.message()));
    if (problems.isEmpty()) {
      messages.add(loggedIn(snapshot.instance()));
    }
    // The message of a problem that is not confirmed is the previous one, which contains the notes.
    observation.notes().stream()
        .filter(note -> messages.stream().noneMatch(message -> message.contains(note)))
        .forEach(messages::add);
    return Messages.join(messages.removeFirst(), messages);
  }

  /**
   * Everything is as the spec asks for: no server runs. Nobody needs its address outside the
   * cluster meanwhile.
   */
  private static boolean isAtRest(Snapshot snapshot, List<Problem> problems) {
    return snapshot.pod().isEmpty()
        && !problems.isEmpty()
        && problems.getFirst().reason() == Reason.SUSPENDED
        && problems.stream()
            .skip(1)
            .allMatch(problem -> problem.rank().compareTo(Rank.EXTERNAL_ACCESS) >= 0);
  }

  private static String loggedIn(PostgresInstance instance) {
    return "A login as %s to database %s through Service %s succeeded."
        .formatted(
            instance.getSpec().username(), instance.getSpec().database(), Names.service(instance));
  }

  /**
   * Until a login shows it, the problem of the previous status is not over, nor is it known whether
   * a changed spec is in force.
   */
  private static Optional<Problem> unconfirmed(Observation observation) {
    if (!(observation.login() instanceof LoginResult.Pending)) {
      return Optional.empty();
    }
    PreviousStatus previous = observation.snapshot().previousStatus();
    return previous
        .condition(ConditionType.READY)
        .filter(ready -> "False".equals(ready.getStatus()))
        .flatMap(InstanceStatus::problem)
        .or(
            () ->
                previous
                    .status()
                    .filter(status -> !previous.isCurrent())
                    .map(status -> NOT_CONFIRMED_YET));
  }

  private static Optional<Problem> problem(Condition ready) {
    return Reason.of(ready.getReason())
        .map(reason -> new Problem(reason, ready.getMessage()).ranked(Rank.UNCONFIRMED));
  }
}
