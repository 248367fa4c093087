package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/** What a pod's own status says of it, in the terms of Kubernetes' documentation. */
public final class PodState {

  private PodState() {}

  /** When that condition became true; empty while it is not. */
  public static Optional<Instant> trueSince(Pod pod, String condition) {
    return condition(pod, condition, "True")
        .map(PodCondition::getLastTransitionTime)
        .map(Instant::parse);
  }

  /** That condition where it is there and False, which an absent one is not. */
  public static Optional<PodCondition> refused(Pod pod, String condition) {
    return condition(pod, condition, "False");
  }

  /** Since when its containers run, as far as they do. */
  public static Stream<Instant> running(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .map(ContainerStatus::getState)
        .flatMap(Stream::ofNullable)
        .map(ContainerState::getRunning)
        .flatMap(Stream::ofNullable)
        .map(running -> Instant.parse(running.getStartedAt()));
  }

  /** Whether the startup probe has succeeded. */
  public static boolean started(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .anyMatch(container -> Boolean.TRUE.equals(container.getStarted()));
  }

  /** Whether the readiness probe succeeds. */
  public static boolean ready(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .anyMatch(container -> Boolean.TRUE.equals(container.getReady()));
  }

  private static Optional<PodCondition> condition(Pod pod, String type, String status) {
    return pod.getStatus().getConditions().stream()
        .filter(c -> type.equals(c.getType()) && status.equals(c.getStatus()))
        .findFirst();
  }
}
