package dev.postgresinstance.tests.churn;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The starts of one instance's server, each a new pod or a new container. There may be one for each
 * change that asked for it; what was asked for and did not come until the instance had settled,
 * because another start served it too, does not count any more.
 */
final class Starts {

  private final History history;
  private final Map<String, Integer> restarts = new HashMap<>(); // of the container, by uid of pod
  private final List<String> unasked = new ArrayList<>();
  private int allowed;
  private int explained;

  Starts(History history) {
    this.history = history;
  }

  /** Somebody is about to ask for one. */
  synchronized void ask(String why) {
    allowed++;
    history.note("   may start once: " + why);
  }

  /** Whether one may still come. */
  synchronized boolean isAsked() {
    return allowed > 0;
  }

  /** All that was asked for is in force. */
  synchronized void settled() {
    allowed = 0;
    history.note("   settled");
  }

  /** The watch tells of a pod. */
  synchronized void seen(Pod pod) {
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
      if (restart == count && couldNotBeMade(pod)) {
        history.note("   the node tries again to make the container of pod " + uid);
      } else {
        started("container, time " + restart + " in pod " + uid);
      }
    }
  }

  /** Whether the watch has told of that pod as it is. */
  synchronized boolean know(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .allMatch(c -> c.getRestartCount().equals(restarts.get(pod.getMetadata().getUid())));
  }

  /** Those that nobody had asked for. */
  synchronized List<String> unasked() {
    return List.copyOf(unasked);
  }

  History history() {
    return history;
  }

  synchronized int explained() {
    return explained;
  }

  /** Whether in the container before this one nothing ran: a failure of the node. */
  private static boolean couldNotBeMade(Pod pod) {
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
      unasked.add(what);
      history.note("   STARTED UNASKED: " + what);
    }
  }
}
