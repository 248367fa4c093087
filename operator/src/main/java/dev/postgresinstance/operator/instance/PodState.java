package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** The conditions of a pod, in the terms of the Kubernetes documentation. */
public final class PodState {

  private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

  private PodState() {}

  /** Whether all containers have ended, and none is started again. */
  public static boolean hasEnded(Pod pod) {
    return Optional.ofNullable(pod.getStatus())
        .map(PodStatus::getPhase)
        .filter(ENDED::contains)
        .isPresent();
  }

  /** Whether all containers have ended, at least one of them in failure. */
  public static boolean hasFailed(Pod pod) {
    return hasEnded(pod) && "Failed".equals(pod.getStatus().getPhase());
  }

  /** When a condition became True; empty while it is missing, False or Unknown. */
  public static Optional<Instant> trueSince(Pod pod, String condition) {
    return condition(pod, condition, "True")
        .map(PodCondition::getLastTransitionTime)
        .map(Instant::parse);
  }

  /** A condition that is False; empty while it is missing, True or Unknown. */
  public static Optional<PodCondition> falseCondition(Pod pod, String condition) {
    return condition(pod, condition, "False");
  }

  private static Optional<PodCondition> condition(Pod pod, String type, String status) {
    return pod.getStatus().getConditions().stream()
        .filter(c -> type.equals(c.getType()) && status.equals(c.getStatus()))
        .findFirst();
  }
}
