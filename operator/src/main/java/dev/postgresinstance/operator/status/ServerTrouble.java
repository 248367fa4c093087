package dev.postgresinstance.operator.status;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.children.Consent;
import dev.postgresinstance.operator.children.DataRecord;
import dev.postgresinstance.operator.children.Names;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.postgres.LoginResult.LoggedIn;
import dev.postgresinstance.operator.status.InstanceStatus.Observation;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Why an instance takes no logins: no server is wanted, there is none, or it does not let one in.
 */
final class ServerTrouble {

  /** A new StatefulSet has its pod sooner, unless something is in the way. */
  private static final Duration MADE = Duration.ofSeconds(3);

  private ServerTrouble() {}

  /** The reason; empty when a login succeeds. */
  static Optional<Trouble> of(Observation observation, Instant now) {
    return suspended(observation)
        .or(() -> InstanceStatus.first(observation, ConditionType.AVAILABLE))
        .or(() -> troubleOfServer(observation, now));
  }

  private static Optional<Trouble> troubleOfServer(Observation observation, Instant now) {
    Optional<Pod> pod = observation.world().pod();
    if (pod.isEmpty()) {
      return Optional.of(withoutPod(observation.world(), now));
    }
    if (pod.get().getMetadata().getDeletionTimestamp() != null) {
      return starting("The pod is being stopped; a new one follows.");
    }
    return observation.login() instanceof LoggedIn
        ? unrecorded(observation.world())
        : PodTrouble.of(observation.world(), pod.get())
            .map(found -> withRemedy(observation.world(), found))
            .or(() -> LoginTrouble.of(observation, now));
  }

  private static Trouble withoutPod(World world, Instant now) {
    if (world.paused()) {
      return new Trouble(Reason.CREATING, "There is no pod.");
    }
    boolean isNew =
        world
            .statefulSet()
            .map(set -> Instant.parse(set.getMetadata().getCreationTimestamp()))
            .filter(created -> created.plus(MADE).isAfter(now))
            .isPresent();
    return isNew
        ? LoginTrouble.STARTING
        : new Trouble(
            Reason.CREATING,
            "The pod is being made. If not soon, kubectl describe statefulset %s says why."
                .formatted(Names.statefulSet(world.instance())));
  }

  /** The start script does not know the claim that a person has to name. */
  private static Trouble withRemedy(World world, Trouble trouble) {
    return trouble.reason() == Reason.DATA_MISSING
        ? new Trouble(
            trouble.reason(), trouble.message() + " " + Consent.remedyForEmptyVolume(world))
        : trouble;
  }

  /** Ready is said only when the record would tell the data from an empty volume. */
  private static Optional<Trouble> unrecorded(World world) {
    return DataRecord.of(world).isPresent()
        ? Optional.empty()
        : starting("The server takes logins; its data is not recorded yet.");
  }

  /** A server that goes on in spite of the wish, because something else is wrong, is no such. */
  private static Optional<Trouble> suspended(Observation observation) {
    World world = observation.world();
    boolean runs =
        world.pod().filter(pod -> pod.getMetadata().getDeletionTimestamp() == null).isPresent();
    boolean goesOn =
        world.paused() || observation.troubles().stream().anyMatch(Trouble::keepsFromReady);
    if (!world.suspended() || (runs && goesOn)) {
      return Optional.empty();
    }
    return trouble(
        Reason.SUSPENDED,
        world.pod().isPresent()
            ? "The server is being stopped, as spec.suspend asks for."
            : "No server runs, as spec.suspend asks for; volume, passwords and port stay. Set"
                + " spec.suspend to false to start it again.");
  }

  private static Optional<Trouble> starting(String message) {
    return trouble(Reason.STARTING, message);
  }

  private static Optional<Trouble> trouble(Reason reason, String message) {
    return Optional.of(new Trouble(reason, message));
  }
}
