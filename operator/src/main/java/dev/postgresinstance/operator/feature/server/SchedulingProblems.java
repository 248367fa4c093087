package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.SchedulingEvidence.LostNode;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the cluster around it keeps an instance from. */
public final class SchedulingProblems {

  /** So long after the end of its grace period a pod may be there yet. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private SchedulingProblems() {}

  /** The trouble, if there is one; only for an instance into which no login succeeds. */
  public static Optional<Problem> of(Snapshot snapshot, SchedulingEvidence evidence, Instant now) {
    return evidence
        .node()
        .map(node -> lost(snapshot, node))
        .or(() -> evidence.podRefusal().map(SchedulingProblems::podRefused))
        .or(() -> snapshot.pod().flatMap(pod -> stuck(pod, now)))
        .or(
            () ->
                evidence
                    .claim()
                    .map(
                        words ->
                            problem(Reason.CLAIM_PENDING, PodProblems.claim(snapshot) + words)))
        .or(() -> evidence.volume().map(words -> volume(snapshot, words)));
  }

  /** The sentence that every quota of a namespace is answered with. */
  public static boolean isQuota(String words) {
    return words.contains("exceeded quota");
  }

  private static Problem podRefused(String words) {
    return isQuota(words)
        ? problem(
            Reason.QUOTA_EXCEEDED,
            "No pod can be made: %s. Raise the quota, remove what is not needed, or ask for less in spec.resources."
                .formatted(words))
        : problem(
            Reason.POD_REFUSED,
            "No pod can be made, since the cluster refuses it: %s. Its StatefulSet goes on trying."
                .formatted(words));
  }

  private static Problem lost(Snapshot snapshot, LostNode node) {
    String since =
        node.since()
            .map(time -> "has not been ready since %s".formatted(time))
            .orElse("is not there any more");
    return problem(
        Reason.NODE_LOST,
        ("Node %1$s %2$s: %3$s. The server may still run there, so its pod %4$s is not removed by"
                + " force and no other is started: two servers on one volume would destroy the"
                + " data. It goes on by itself when the node is back. If the node is switched off"
                + " for certain, let the pod go: kubectl taint node %1$s"
                + " node.kubernetes.io/out-of-service=nodeshutdown:NoExecute, and take the taint away"
                + " when the node is back.")
            .formatted(node.name(), since, node.words(), Names.pod(snapshot.instance())));
  }

  private static Optional<Problem> stuck(Pod pod, Instant now) {
    return Optional.ofNullable(pod.getMetadata().getDeletionTimestamp())
        .map(Instant::parse)
        .filter(end -> hasEnded(pod) || end.plus(PATIENCE).isBefore(now))
        .flatMap(
            end -> {
              List<String> finalizers = pod.getMetadata().getFinalizers();
              if (!finalizers.isEmpty()) {
                return Optional.of(stuck(pod, "held by its finalizers, " + finalizers));
              }
              return end.plus(PATIENCE).isBefore(now)
                  ? Optional.of(
                      stuck(pod, "not ended by its node, although its time was over at " + end))
                  : Optional.empty();
            });
  }

  private static Problem stuck(Pod pod, String why) {
    return problem(
        Reason.POD_TERMINATING,
        ("Pod %1$s is being deleted and is %2$s. The next one is made when it has gone; the operator"
                + " forces nothing. kubectl describe pod %1$s tells more.")
            .formatted(pod.getMetadata().getName(), why));
  }

  private static boolean hasEnded(Pod pod) {
    List<ContainerStatus> containers = pod.getStatus().getContainerStatuses();
    return containers.stream()
        .allMatch(c -> c.getState() == null || c.getState().getRunning() == null);
  }

  private static Problem volume(Snapshot snapshot, String words) {
    return problem(
        Reason.VOLUME_UNAVAILABLE,
        "The volume of claim %s does not get into the pod: %s. It is tried again and again; kubectl describe pod %s tells more."
            .formatted(Names.claim(snapshot.instance()), words, Names.pod(snapshot.instance())));
  }

  private static Problem problem(Reason reason, String message) {
    return new Problem(ConditionType.AVAILABLE, reason, message);
  }
}
