package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Instant;
import java.util.Optional;

/** The conditions of a pod, in the terms of the Kubernetes documentation. */
public final class PodState {

  private PodState() {}

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
