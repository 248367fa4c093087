package dev.postgresinstance.tests.churn;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The starts of one instance's server, each a new pod or a new container. Each change that requires
 * a start allows one. When the instance has settled, unused allowances expire: one start may have
 * served several changes.
 */
final class ServerStarts {

  private final History history;
  private final Map<String, Integer> restarts = new HashMap<>(); // container restarts by pod uid
  private final List<String> unexpected = new ArrayList<>();
  private int allowed;
  private int explained;

  ServerStarts(History history) {
    this.history = history;
  }

  /** Allows one start, because of a change that is about to be made. */
  synchronized void allow(String why) {
    allowed++;
    history.note("   may start once: " + why);
  }

  /** Whether a start is still allowed. */
  synchronized boolean isAllowed() {
    return allowed > 0;
  }

  /** All changes are in effect: unused allowances expire. */
  synchronized void settled() {
    allowed = 0;
    history.note("   settled");
  }

  /** The watch reported a state of the pod. */
  synchronized void observe(Pod pod) {
    String uid = pod.getMetadata().getUid();
    int count =
        pod.getStatus().getContainerStatuses().stream()
            .mapToInt(ContainerStatus::getRestartCount)
            .sum();
    Integer before = restarts.put(uid, count);
    if (before == null) {
      started("pod " + uid);
    }
    for (int restart = before == null ? 1 : before + 1; restart <= count; restart++) {
      if (restart == count && failedToStart(pod)) {
        history.note("   the node retries the start of the container of pod " + uid);
      } else {
        started("container, time " + restart + " in pod " + uid);
      }
    }
  }

  /** Whether the watch has reported the given state of the pod. */
  synchronized boolean hasObserved(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .allMatch(c -> c.getRestartCount().equals(restarts.get(pod.getMetadata().getUid())));
  }

  /** The starts that no change required. */
  synchronized List<String> unexpected() {
    return List.copyOf(unexpected);
  }

  History history() {
    return history;
  }

  synchronized int explained() {
    return explained;
  }

  /** Whether the previous container never ran, which is a failure of the node. */
  private static boolean failedToStart(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .map(status -> status.getLastState().getTerminated())
        .anyMatch(ended -> ended != null && "StartError".equals(ended.getReason()));
  }

  private void started(String what) {
    if (allowed > 0) {
      allowed--;
      explained++;
      history.note("   started: " + what);
    } else {
      unexpected.add(what);
      history.note("   UNEXPECTED START: " + what);
    }
  }
}
