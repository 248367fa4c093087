package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;

/** A summary of a pod and its server's container, for messages; also describes a missing pod. */
record PodState(String uid, String phase, boolean ready, int restarts, String container) {

  static PodState of(Pod pod) {
    if (pod == null) {
      return new PodState(null, "no pod", false, 0, "no container");
    }
    Optional<ContainerStatus> server =
        pod.getStatus().getContainerStatuses().stream()
            .filter(status -> Cluster.CONTAINER.equals(status.getName()))
            .findFirst();
    if (server.isEmpty()) {
      return new PodState(
          pod.getMetadata().getUid(), pod.getStatus().getPhase(), false, 0, "no container");
    }
    ContainerStatus container = server.get();
    return new PodState(
        pod.getMetadata().getUid(),
        pod.getStatus().getPhase(),
        Boolean.TRUE.equals(container.getReady()),
        container.getRestartCount(),
        describe(container));
  }

  boolean running() {
    return "running".equals(container);
  }

  private static String describe(ContainerStatus container) {
    ContainerState state = container.getState();
    if (state.getWaiting() != null) {
      return state.getWaiting().getReason();
    }
    if (state.getTerminated() != null) {
      return "ended: " + state.getTerminated().getMessage();
    }
    return state.getRunning() == null ? "unknown" : "running";
  }
}
