package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.BindingStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.LoginProblems;
import dev.postgresinstance.operator.feature.access.Rotation;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.network.Endpoints;
import dev.postgresinstance.operator.feature.network.ExternalAccess;
import dev.postgresinstance.operator.feature.server.ServerProblems;
import dev.postgresinstance.operator.feature.storage.StorageProblems;
import dev.postgresinstance.operator.feature.storage.VolumeUse;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Conditions;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The status, as a pure function of what was observed. */
public final class InstanceStatus {

  /** Conditions that are there only when something is to be said. */
  private static final List<ConditionType> ONLY_WHEN_TRUE =
      List.of(
          ConditionType.PENDING_RESTART,
          ConditionType.DATA_AT_RISK,
          ConditionType.OTHER_SUPERUSERS);

  /** Conditions that are made anew also of an instance that cannot be read. */
  private static final Set<String> ABOUT_THE_WHOLE =
      Set.of(
          ConditionType.READY.type(),
          ConditionType.RECONCILING.type(),
          ConditionType.STALLED.type());

  private static final Problem NOT_LOOKED_YET =
      new Problem(
          Reason.CONFIGURING,
          "The server takes logins; whether the spec is in force is known after the next one.");

  private InstanceStatus() {}

  /**
   * What a pass has seen.
   *
   * @param snapshot the children as they are after the pass
   * @param login what came of the last login
   * @param problems what kept the pass from making everything as it should be; the first one is the
   *     most important
   * @param notes what a person should know although it keeps nothing from working
   */
  public record Observation(
      Snapshot snapshot, LoginResult login, List<Problem> problems, List<String> notes) {}

  /** The status of that observation. */
  public static PostgresInstanceStatus of(Observation observation, Instant now) {
    Snapshot snapshot = observation.snapshot();
    return new PostgresInstanceStatus(
        snapshot.instance().getMetadata().getGeneration(),
        conditions(observation, now),
        Endpoints.of(snapshot).orElse(null),
        snapshot.appSecret().map(s -> new BindingStatus(s.getMetadata().getName())).orElse(null),
        StorageProblems.status(snapshot, use(observation)).orElse(null),
        DataRecord.of(snapshot).map(DataRecord::systemIdentifier).orElse(null),
        version(observation),
        imageId(observation),
        Rotation.status(snapshot).orElse(null));
  }

  /**
   * The status of an instance that cannot be read, or its children: what was known of it, and why
   * nothing more is.
   */
  public static PostgresInstanceStatus unread(
      PostgresInstance instance, Problem problem, Instant now) {
    Optional<PostgresInstanceStatus> before = Optional.ofNullable(instance.getStatus());
    Conditions conditions = new Conditions(instance, now);
    conditions.add(ConditionType.READY, false, problem.reason(), problem.message());
    ConditionType unready =
        problem.reason().needsPerson() ? ConditionType.STALLED : ConditionType.RECONCILING;
    conditions.add(unready, true, problem.reason(), problem.message());
    before.map(PostgresInstanceStatus::conditions).stream()
        .flatMap(List::stream)
        .filter(c -> !ABOUT_THE_WHOLE.contains(c.getType()))
        .forEach(conditions::keep);
    return new PostgresInstanceStatus(
        instance.getMetadata().getGeneration(),
        conditions.list(),
        before.map(PostgresInstanceStatus::endpoints).orElse(null),
        before.map(PostgresInstanceStatus::binding).orElse(null),
        before.map(PostgresInstanceStatus::storage).orElse(null),
        before.map(PostgresInstanceStatus::systemIdentifier).orElse(null),
        before.map(PostgresInstanceStatus::version).orElse(null),
        before.map(PostgresInstanceStatus::imageID).orElse(null),
        before.map(PostgresInstanceStatus::passwordRotation).orElse(null));
  }

  /** Whether that status says {@code Ready=True}. */
  public static boolean isReady(PostgresInstanceStatus status) {
    return Conditions.isTrue(status, ConditionType.READY);
  }

  private static List<Condition> conditions(Observation observation, Instant now) {
    PostgresInstance instance = observation.snapshot().instance();
    Optional<Problem> down = ServerProblems.of(observation, now);
    Optional<Problem> outside = ExternalAccess.problem(observation);
    Optional<Problem> problem =
        observation.problems().stream()
            .filter(Problem::preventsReady)
            .findFirst()
            .or(() -> down)
            .or(() -> LoginProblems.lockedOut(observation))
            .or(() -> outside)
            .or(() -> former(observation));
    Conditions conditions = new Conditions(instance, now);
    conditions.add(
        ConditionType.READY,
        problem.isEmpty() || isAtRest(observation.snapshot(), problem.get()),
        observation.snapshot().paused()
            ? Reason.PAUSED
            : problem.map(Problem::reason).orElse(Reason.RUNNING),
        readyMessage(observation, problem));
    conditions.add(
        ConditionType.AVAILABLE,
        down.isEmpty(),
        down.map(Problem::reason).orElse(Reason.RUNNING),
        down.map(Problem::message).orElseGet(() -> loggedIn(instance)));
    LoginProblems.addCredentialsInSync(conditions, observation, down);
    addExternalAccessReady(conditions, observation.snapshot(), outside);
    addInitialized(conditions, observation.snapshot(), down);
    problem.ifPresent(t -> addUnready(conditions, observation.snapshot(), t));
    StorageProblems.addStorageReady(
        conditions, observation.snapshot(), first(observation, ConditionType.STORAGE_READY));
    ONLY_WHEN_TRUE.forEach(type -> addOnlyWhenTrue(conditions, type, observation));
    return conditions.list();
  }

  private static void addInitialized(
      Conditions conditions, Snapshot snapshot, Optional<Problem> down) {
    Optional<DataRecord> record = DataRecord.of(snapshot);
    conditions.add(
        ConditionType.INITIALIZED,
        record.isPresent(),
        record.isPresent()
            ? Reason.DATA_RECORDED
            : down.map(Problem::reason).orElse(Reason.STARTING),
        record
            .map(
                data ->
                    "The data of PostgreSQL %s with the system identifier %s is recorded."
                        .formatted(data.major(), data.systemIdentifier()))
            .orElse("There is no data that is recorded yet."));
  }

  /** One of the two that programs look for which do not know the reasons; see kstatus. */
  private static void addUnready(Conditions conditions, Snapshot snapshot, Problem problem) {
    if (problem.reason().needsPerson()) {
      conditions.add(ConditionType.STALLED, true, problem.reason(), problem.message());
    } else if (!snapshot.paused() && !isAtRest(snapshot, problem)) {
      conditions.add(ConditionType.RECONCILING, true, problem.reason(), problem.message());
    }
  }

  private static void addExternalAccessReady(
      Conditions conditions, Snapshot snapshot, Optional<Problem> outside) {
    if (ExternalAccess.isAsked(snapshot)) {
      conditions.add(
          ConditionType.EXTERNAL_ACCESS_READY,
          outside.isEmpty(),
          outside.map(Problem::reason).orElse(Reason.GRANTED),
          outside.map(Problem::message).orElseGet(() -> ExternalAccess.granted(snapshot)));
    }
  }

  private static void addOnlyWhenTrue(
      Conditions conditions, ConditionType type, Observation observation) {
    List<Problem> said =
        observation.problems().stream().filter(t -> t.condition() == type).toList();
    if (!said.isEmpty()) {
      String message = said.stream().map(Problem::message).collect(Collectors.joining(" "));
      conditions.add(type, true, said.getFirst().reason(), message);
    }
  }

  private static String readyMessage(Observation observation, Optional<Problem> problem) {
    Snapshot snapshot = observation.snapshot();
    String observed = problem.map(Problem::message).orElseGet(() -> loggedIn(snapshot.instance()));
    return Stream.concat(
            snapshot.paused()
                ? Stream.of(
                    "The operator changes nothing of this instance until spec.paused is false.",
                    observed)
                : Stream.of(observed),
            observation.notes().stream())
        .collect(Collectors.joining(" "));
  }

  /** Everything is as the spec asks for, which is that no server runs. */
  private static boolean isAtRest(Snapshot snapshot, Problem problem) {
    return problem.reason() == Reason.SUSPENDED && snapshot.pod().isEmpty();
  }

  private static String loggedIn(PostgresInstance instance) {
    return "A login as %s to database %s through Service %s succeeded."
        .formatted(
            instance.getSpec().username(), instance.getSpec().database(), Names.service(instance));
  }

  /**
   * What kept it from being ready is not over before a login tells; nor is it known before that
   * whether a spec that has changed meanwhile is in force.
   */
  private static Optional<Problem> former(Observation observation) {
    if (!(observation.login() instanceof LoginResult.Pending)) {
      return Optional.empty();
    }
    PostgresInstance instance = observation.snapshot().instance();
    return instance
        .condition(ConditionType.READY)
        .filter(ready -> "False".equals(ready.getStatus()))
        .flatMap(ready -> Reason.of(ready.getReason()).map(r -> new Problem(r, ready.getMessage())))
        .or(() -> before(observation).filter(b -> isOlder(b, instance)).map(b -> NOT_LOOKED_YET));
  }

  private static boolean isOlder(PostgresInstanceStatus status, PostgresInstance instance) {
    return !Objects.equals(status.observedGeneration(), instance.getMetadata().getGeneration());
  }

  /** The first of what a pass has found that belongs to a condition. */
  public static Optional<Problem> first(Observation observation, ConditionType type) {
    return observation.problems().stream().filter(t -> t.condition() == type).findFirst();
  }

  private static Optional<VolumeUse> use(Observation observation) {
    return observation.login().findings().volume();
  }

  private static String version(Observation observation) {
    return observation.login() instanceof LoggedIn in
        ? in.serverVersion()
        : before(observation).map(PostgresInstanceStatus::version).orElse(null);
  }

  /** The node's word for the image, once a server took logins with it. */
  private static String imageId(Observation observation) {
    return observation.snapshot().pod().stream()
        .filter(pod -> observation.login() instanceof LoggedIn)
        .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
        .map(ContainerStatus::getImageID)
        .filter(Objects::nonNull)
        .findFirst()
        .or(() -> before(observation).map(PostgresInstanceStatus::imageID))
        .orElse(null);
  }

  private static Optional<PostgresInstanceStatus> before(Observation observation) {
    return Optional.ofNullable(observation.snapshot().instance().getStatus());
  }
}
