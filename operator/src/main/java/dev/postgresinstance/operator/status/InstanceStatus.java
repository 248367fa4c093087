package dev.postgresinstance.operator.status;

import dev.postgresinstance.api.v1alpha1.BindingStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.children.DataRecord;
import dev.postgresinstance.operator.children.Endpoints;
import dev.postgresinstance.operator.children.Names;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.postgres.LoginResult;
import dev.postgresinstance.operator.postgres.LoginResult.LoggedIn;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The status, as a pure function of what was observed. */
public final class InstanceStatus {

  private InstanceStatus() {}

  /**
   * What a pass has seen.
   *
   * @param world the children as they are after the pass
   * @param login what came of the last login
   * @param trouble what kept the pass from making everything as it should be
   * @param notes what a person should know although it keeps nothing from working
   */
  public record Observation(
      World world, LoginResult login, Optional<Trouble> trouble, List<String> notes) {}

  /** The status of that observation. */
  public static PostgresInstanceStatus of(Observation observation, Instant now) {
    World world = observation.world();
    PostgresInstance instance = world.instance();
    Optional<Trouble> trouble = observation.trouble().or(() -> trouble(observation));
    return new PostgresInstanceStatus(
        instance.getMetadata().getGeneration(),
        List.of(ready(instance, trouble, observation.notes(), now)),
        Endpoints.of(world).orElse(null),
        world.appSecret().map(s -> new BindingStatus(s.getMetadata().getName())).orElse(null),
        version(observation));
  }

  /** Whether that status says {@code Ready=True}. */
  public static boolean isReady(PostgresInstanceStatus status) {
    return ready(status).anyMatch(condition -> condition.getStatus().equals("True"));
  }

  private static Stream<Condition> ready(PostgresInstanceStatus status) {
    return Stream.ofNullable(status)
        .flatMap(s -> Optional.ofNullable(s.conditions()).orElse(List.of()).stream())
        .filter(condition -> ConditionType.READY.type().equals(condition.getType()));
  }

  private static Condition ready(
      PostgresInstance instance, Optional<Trouble> trouble, List<String> notes, Instant now) {
    String status = trouble.isPresent() ? "False" : "True";
    String message =
        trouble
            .map(Trouble::message)
            .orElse(
                "A login as %s to database %s through Service %s succeeded."
                    .formatted(
                        instance.getSpec().username(),
                        instance.getSpec().database(),
                        Names.service(instance)));
    return new ConditionBuilder()
        .withType(ConditionType.READY.type())
        .withStatus(status)
        .withReason(trouble.map(Trouble::reason).orElse(Reason.RUNNING).word())
        .withMessage(
            Stream.concat(Stream.of(message), notes.stream()).collect(Collectors.joining(" ")))
        .withObservedGeneration(instance.getMetadata().getGeneration())
        .withLastTransitionTime(
            ready(instance.getStatus())
                .filter(condition -> condition.getStatus().equals(status))
                .map(Condition::getLastTransitionTime)
                .findFirst()
                .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString()))
        .build();
  }

  private static Optional<Trouble> trouble(Observation observation) {
    Optional<Pod> pod = observation.world().pod();
    if (pod.isEmpty()) {
      String name = Names.statefulSet(observation.world().instance());
      return trouble(
          Reason.CREATING,
          "The pod is being made. If not soon, kubectl describe statefulset "
              + name
              + " says why.");
    }
    if (pod.get().getMetadata().getDeletionTimestamp() != null) {
      return starting("The pod is being stopped; a new one follows.");
    }
    return observation.login() instanceof LoggedIn
        ? unrecorded(observation.world())
        : PodTrouble.of(observation.world(), pod.get()).or(() -> login(observation));
  }

  private static Optional<Trouble> login(Observation observation) {
    HasMetadata instance = observation.world().instance();
    return switch (observation.login()) {
      case LoggedIn in -> Optional.empty();
      case LoginResult.Pending pending when stillHolds(observation.world()) -> Optional.empty();
      case LoginResult.Pending pending -> starting("The pod is starting.");
      case LoginResult.Refused refused when refused.notYet() ->
          starting("The server is starting: " + refused.message());
      case LoginResult.Refused refused ->
          trouble(
              Reason.LOGIN_REFUSED,
              "The server refuses the login of Secret %s: %s (SQLSTATE %s)"
                  .formatted(Names.appSecret(instance), refused.message(), refused.sqlState()));
      case LoginResult.Unreachable unreachable -> unreachable(observation, unreachable.message());
    };
  }

  /** Ready is said only when the record would tell the data from an empty volume. */
  private static Optional<Trouble> unrecorded(World world) {
    return DataRecord.of(world).isPresent()
        ? Optional.empty()
        : starting("The server takes logins; its data is not recorded yet.");
  }

  /**
   * A new process of the operator has not logged in yet: what the one before it proved of this
   * server holds for the moment, or each instance would seem to fail at each upgrade.
   */
  private static boolean stillHolds(World world) {
    return Optional.ofNullable(world.instance().getStatus())
            .filter(InstanceStatus::isReady)
            .map(PostgresInstanceStatus::observedGeneration)
            .filter(generation -> generation.equals(world.instance().getMetadata().getGeneration()))
            .isPresent()
        && started(world);
  }

  private static Optional<Trouble> unreachable(Observation observation, String why) {
    return started(observation.world())
        ? trouble(
            Reason.UNREACHABLE,
            "The server runs, but no connection through its Service succeeds: " + why)
        : starting("The server is starting.");
  }

  private static boolean started(World world) {
    return world.pod().stream()
        .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
        .anyMatch(container -> Boolean.TRUE.equals(container.getStarted()));
  }

  private static Optional<Trouble> starting(String message) {
    return trouble(Reason.STARTING, message);
  }

  private static Optional<Trouble> trouble(Reason reason, String message) {
    return Optional.of(new Trouble(reason, message));
  }

  private static String version(Observation observation) {
    return observation.login() instanceof LoggedIn in
        ? in.serverVersion()
        : Optional.ofNullable(observation.world().instance().getStatus())
            .map(PostgresInstanceStatus::version)
            .orElse(null);
  }
}
