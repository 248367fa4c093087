package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.SchedulingEvidence.LostNode;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rejection;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Why the cluster does not run the pod: quotas, admission, nodes, volumes. */
public final class SchedulingProblems {

  /** A pod may exist this long after the end of its grace period. */
  private static final Duration TERMINATION_PATIENCE = Duration.ofSeconds(10);

  private SchedulingProblems() {}

  /** The problem, if there is one. To be asked only for an instance to which no login succeeds. */
  public static Optional<Problem> of(Snapshot snapshot, SchedulingEvidence evidence, Instant now) {
    PostgresInstance instance = snapshot.instance();
    return evidence
        .node()
        .map(node -> nodeLost(podName(snapshot), node))
        .or(() -> evidence.podRefusal().map(SchedulingProblems::podRefused))
        .or(() -> snapshot.awaitedPod().flatMap(pod -> notTerminating(instance, pod, now)))
        .or(
            () ->
                evidence
                    .claim()
                    .map(
                        message ->
                            problem(
                                Reason.CLAIM_PENDING,
                                PodProblems.claimPending(snapshot) + message)))
        .or(() -> evidence.volume().map(message -> volumeUnavailable(snapshot, message)));
  }

  private static String podName(Snapshot snapshot) {
    return snapshot
        .awaitedPod()
        .map(pod -> pod.getMetadata().getName())
        .orElseGet(() -> Names.pod(snapshot.instance()));
  }

  private static Problem podRefused(String message) {
    return Rejection.isQuota(message)
        ? problem(
            Reason.QUOTA_EXCEEDED,
            "The pod cannot be created: %s. Raise the quota, delete objects that are not needed, or lower spec.resources."
                .formatted(message))
        : problem(
            Reason.POD_REFUSED,
            "The cluster rejects the pod: %s. Kubernetes keeps trying.".formatted(message));
  }

  private static Problem nodeLost(String pod, LostNode node) {
    String since =
        node.since()
            .map(time -> "has not been ready since %s".formatted(time))
            .orElse("no longer exists");
    return problem(
        Reason.NODE_LOST,
        ("Node %1$s %2$s: %3$s. The server may still be running there, so the operator neither"
                + " deletes pod %4$s by force nor starts another one: two servers on one volume would"
                + " destroy the data. The instance recovers by itself when the node is back. If the"
                + " node is certainly switched off, release the pod with a taint, and remove the"
                + " taint when the node is back: kubectl taint node %1$s"
                + " node.kubernetes.io/out-of-service=nodeshutdown:NoExecute")
            .formatted(node.name(), since, node.message(), pod));
  }

  private static Optional<Problem> notTerminating(PostgresInstance instance, Pod pod, Instant now) {
    return Optional.ofNullable(pod.getMetadata().getDeletionTimestamp())
        .map(Instant::parse)
        .flatMap(
            end -> {
              boolean isLate = end.plus(TERMINATION_PATIENCE).isBefore(now);
              List<String> finalizers = pod.getMetadata().getFinalizers();
              if (!finalizers.isEmpty() && (isLate || !DatabaseContainer.isRunning(pod))) {
                return Optional.of(
                    podTerminating(
                        instance,
                        pod.getMetadata().getName(),
                        "its finalizers hold it: " + finalizers));
              }
              return isLate
                  ? Optional.of(
                      podTerminating(
                          instance,
                          pod.getMetadata().getName(),
                          "its node has not ended it, although its grace period ended at " + end))
                  : Optional.empty();
            });
  }

  private static Problem podTerminating(PostgresInstance instance, String pod, String why) {
    return problem(
        Reason.POD_TERMINATING,
        "Pod %s is being deleted, but %s. The next pod is created when this one is gone; the operator deletes nothing by force. %s shows more."
            .formatted(pod, why, KubectlCommand.describe(instance, "pod", pod)));
  }

  private static Problem volumeUnavailable(Snapshot snapshot, String message) {
    PostgresInstance instance = snapshot.instance();
    String volume =
        otherVolume(snapshot, message)
            .map("Volume %s of the pod, which the operator did not add,"::formatted)
            .orElseGet(() -> "The volume of claim " + snapshot.claimName());
    return problem(
        Reason.VOLUME_UNAVAILABLE,
        "%s cannot be mounted: %s. The node keeps trying; %s shows more."
            .formatted(
                volume, message, KubectlCommand.describe(instance, "pod", podName(snapshot))));
  }

  /** The volume in a message of the kubelet, if an admission webhook has added it to the pod. */
  private static Optional<String> otherVolume(Snapshot snapshot, String message) {
    Set<String> ours =
        Stream.concat(
                snapshot.get(ObjectKey.STATEFUL_SET).stream()
                    .map(set -> set.getSpec().getTemplate()),
                snapshot.get(ObjectKey.RESTORE_JOB).stream()
                    .map(job -> job.getSpec().getTemplate()))
            .flatMap(template -> template.getSpec().getVolumes().stream())
            .map(Volume::getName)
            .collect(Collectors.toSet());
    return snapshot.awaitedPod().stream()
        .flatMap(pod -> pod.getSpec().getVolumes().stream())
        .map(Volume::getName)
        .filter(name -> !ours.isEmpty() && !ours.contains(name))
        .filter(
            name ->
                message.contains("\"%s\"".formatted(name))
                    || message.contains("unmounted volumes=[%s]".formatted(name)))
        .findFirst();
  }

  private static Problem problem(Reason reason, String message) {
    return new Problem(ConditionType.AVAILABLE, reason, message);
  }
}
