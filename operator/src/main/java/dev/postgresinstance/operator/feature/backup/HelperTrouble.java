package dev.postgresinstance.operator.feature.backup;

import dev.postgresinstance.operator.instance.termination.LastTermination;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Why a pod of the operator, other than the server's, does not do its work. */
final class HelperTrouble {

  private static final Set<String> USUAL = Set.of("ContainerCreating", "PodInitializing");

  private HelperTrouble() {}

  /** The cause in a sentence; empty while nothing is known to be wrong. */
  static Optional<String> of(Pod pod) {
    return Stream.ofNullable(pod.getStatus())
        .flatMap(status -> status.getContainerStatuses().stream())
        .flatMap(status -> of(status).stream())
        .findFirst()
        .or(() -> unscheduled(pod));
  }

  private static Optional<String> of(ContainerStatus status) {
    Optional<ContainerStateWaiting> waiting =
        Optional.ofNullable(status.getState())
            .map(ContainerState::getWaiting)
            .filter(state -> !USUAL.contains(state.getReason()));
    Optional<String> ended =
        Stream.of(status.getState(), status.getLastState())
            .flatMap(state -> Stream.ofNullable(state).map(ContainerState::getTerminated))
            .flatMap(Stream::ofNullable)
            .map(HelperTrouble::ended)
            .findFirst();
    return waiting
        .filter(state -> ended.isEmpty())
        .map(
            state ->
                "container %s waits: %s: %s."
                    .formatted(
                        status.getName(),
                        state.getReason(),
                        LastTermination.shorten(
                            Optional.ofNullable(state.getMessage()).orElse("no message"))))
        .or(
            () ->
                ended
                    .filter(message -> status.getState().getRunning() == null)
                    .map(
                        message ->
                            "container %s has ended: %s".formatted(status.getName(), message)));
  }

  private static String ended(ContainerStateTerminated end) {
    String message = Optional.ofNullable(end.getMessage()).orElse("").strip();
    return message.isEmpty()
        ? "%s, exit status %d.".formatted(end.getReason(), end.getExitCode())
        : LastTermination.shorten(message);
  }

  private static Optional<String> unscheduled(Pod pod) {
    return Stream.ofNullable(pod.getStatus())
        .flatMap(status -> status.getConditions().stream())
        .filter(condition -> "PodScheduled".equals(condition.getType()))
        .filter(condition -> "False".equals(condition.getStatus()))
        .map(PodCondition::getMessage)
        .map("it is not scheduled: %s."::formatted)
        .findFirst();
  }
}
