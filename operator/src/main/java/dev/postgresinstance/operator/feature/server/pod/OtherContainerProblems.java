package dev.postgresinstance.operator.feature.server.pod;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.WaitingReason;
import dev.postgresinstance.operator.instance.pod.OtherContainers;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rank;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Containers of others in the pod that keep the server from starting. */
public final class OtherContainerProblems {

  /** A container usually starts, and an init container usually completes, sooner. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A status is read on a screen; it holds no log. */
  private static final int MAX_LENGTH = 300;

  private OtherContainerProblems() {}

  /** The problem; empty while the server's container does not wait for another one. */
  public static Optional<Problem> of(Pod pod, Instant now) {
    boolean waits =
        DatabaseContainer.state(pod)
            .map(ContainerState::getWaiting)
            .filter(w -> WaitingReason.isCreating(w) || WaitingReason.isInitializing(w))
            .isPresent();
    return waits
        ? OtherContainers.unfinishedInit(pod)
            .flatMap(status -> ofInit(pod, status, now))
            .or(() -> creating(pod, now))
        : Optional.empty();
  }

  private static Optional<Problem> ofInit(Pod pod, ContainerStatus status, Instant now) {
    ContainerState state = Optional.ofNullable(status.getState()).orElse(new ContainerState());
    Optional<ContainerStateTerminated> end = end(status, state);
    Optional<ContainerStateWaiting> waiting = Optional.ofNullable(state.getWaiting());
    if (waiting.filter(WaitingReason::isImageUnavailable).isPresent()) {
      return problem(
          pod,
          Reason.IMAGE_UNAVAILABLE,
          "init container " + status.getName(),
          "The node cannot pull its image %s: %s"
              .formatted(
                  OtherContainers.image(pod, status.getName()), message(waiting.orElseThrow())));
    }
    if (waiting.filter(WaitingReason::isError).isPresent()) {
      return problem(
          pod,
          Reason.CRASHING,
          "init container " + status.getName(),
          message(waiting.orElseThrow()));
    }
    return end.isPresent()
        ? problem(
            pod,
            Reason.CRASHING,
            "init container " + status.getName(),
            ended(pod, status.getName(), end.get()))
        : unfinished(pod, status, now);
  }

  /** Not a successful end before the pod was set up again, after which the container runs again. */
  private static Optional<ContainerStateTerminated> end(
      ContainerStatus status, ContainerState state) {
    boolean backsOff =
        state.getWaiting() != null && !WaitingReason.isInitializing(state.getWaiting());
    return Optional.ofNullable(state.getTerminated())
        .or(
            () ->
                Optional.ofNullable(status.getLastState())
                    .map(ContainerState::getTerminated)
                    .filter(end -> backsOff || !Objects.equals(end.getExitCode(), 0)));
  }

  private static Optional<Problem> unfinished(Pod pod, ContainerStatus status, Instant now) {
    return OtherContainers.runningSince(status)
        .or(() -> PodState.trueSince(pod, "PodReadyToStartContainers"))
        .filter(since -> !since.plus(PATIENCE).isAfter(now))
        .flatMap(
            since ->
                problem(
                    pod,
                    Reason.STARTING,
                    "init container " + status.getName(),
                    "It has not completed since " + since));
  }

  private static Optional<Problem> creating(Pod pod, Instant now) {
    return PodState.trueSince(pod, "PodReadyToStartContainers")
        .filter(since -> !since.plus(PATIENCE).isAfter(now))
        .flatMap(
            since ->
                OtherContainers.creatingBefore(pod)
                    .flatMap(
                        status ->
                            problem(
                                pod,
                                Reason.STARTING,
                                "container " + status.getName(),
                                "The node has been creating it since " + since)));
  }

  private static String message(ContainerStateWaiting waiting) {
    return Text.abbreviate(WaitingReason.message(waiting), MAX_LENGTH);
  }

  private static String ended(Pod pod, String container, ContainerStateTerminated end) {
    return "It ended with exit code %d%s; kubectl logs -n %s %s -c %s shows more"
        .formatted(
            end.getExitCode(),
            Optional.ofNullable(end.getMessage())
                .filter(message -> !message.isBlank())
                .map(message -> ", message: " + Text.abbreviate(message.strip(), MAX_LENGTH))
                .orElse(""),
            pod.getMetadata().getNamespace(),
            pod.getMetadata().getName(),
            container);
  }

  private static Optional<Problem> problem(Pod pod, Reason reason, String container, String why) {
    return Optional.of(
        new Problem(
                reason,
                "The server waits for %s of pod %s, which the operator did not add. %s."
                    .formatted(container, pod.getMetadata().getName(), why))
            .ranked(Rank.SERVER_DOWN));
  }

  /** A part of a message about a server that cannot be reached; empty if all others are ready. */
  public static String notReady(Pod pod) {
    List<String> names = OtherContainers.notReady(pod);
    return names.isEmpty()
        ? ""
        : " These containers of the pod, which the operator did not add, are not ready: %s."
            .formatted(String.join(", ", names));
  }
}
