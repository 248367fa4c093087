package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.image.ImagePlan;
import dev.postgresinstance.operator.instance.LastTermination;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.StartScriptRefusal;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a pod's own status tells of why the server does not run. */
final class PodProblems {

  /** A status is read on a screen; a log is not kept in it. */
  private static final int MESSAGE_LENGTH = 500;

  /** Of these nothing is known to last once the container runs again. */
  private static final Set<Reason> ENDED = EnumSet.of(Reason.CRASHING, Reason.OUT_OF_MEMORY);

  /** The scheduler was not the only one to write the claim, and comes back in a moment. */
  private static final String TRIED_AGAIN = "the object has been modified";

  private PodProblems() {}

  /** The trouble, if there is one; none while the pod is just on its way. */
  static Optional<Problem> of(Snapshot snapshot, Pod pod) {
    return unschedulable(snapshot, pod)
        .or(
            () ->
                pod.getStatus().getContainerStatuses().stream()
                    .findFirst()
                    .flatMap(status -> of(pod, status)));
  }

  private static Optional<Problem> unschedulable(Snapshot snapshot, Pod pod) {
    return PodState.refused(pod, "PodScheduled")
        .map(condition -> String.valueOf(condition.getMessage()))
        .filter(why -> !why.contains(TRIED_AGAIN))
        .flatMap(
            why ->
                why.toLowerCase(Locale.ROOT).contains("persistentvolumeclaim")
                    ? problem(Reason.CLAIM_PENDING, claim(snapshot) + why)
                    : problem(Reason.UNSCHEDULABLE, "No node takes the pod: " + why));
  }

  /** The beginning of a sentence that the cluster's own words end. */
  static String claim(Snapshot snapshot) {
    String storageClass =
        snapshot.claim().map(claim -> claim.getSpec().getStorageClassName()).orElse("none given");
    return "Claim %s has no volume yet (storage class %s; kubectl describe pvc tells more): "
        .formatted(Names.claim(snapshot.instance()), storageClass);
  }

  private static Optional<Problem> of(Pod pod, ContainerStatus status) {
    ContainerState state = Optional.ofNullable(status.getState()).orElse(new ContainerState());
    if (state.getTerminated() != null) {
      return ended(state.getTerminated());
    }
    Optional<Problem> before =
        Optional.ofNullable(status.getLastState())
            .map(ContainerState::getTerminated)
            .flatMap(PodProblems::ended);
    if (state.getWaiting() != null) {
      return waiting(pod, state.getWaiting()).or(() -> before);
    }
    // It runs again after it ended: what the start script refused last time holds until it
    // succeeds.
    return before
        .filter(problem -> !ENDED.contains(problem.reason()))
        .filter(problem -> !Boolean.TRUE.equals(status.getStarted()));
  }

  private static Optional<Problem> waiting(Pod pod, ContainerStateWaiting waiting) {
    String reason = Optional.ofNullable(waiting.getReason()).orElse("");
    String words = Optional.ofNullable(waiting.getMessage()).orElse(reason);
    if (ImagePlan.UNAVAILABLE.contains(reason)) {
      String image = pod.getSpec().getContainers().getFirst().getImage();
      return problem(Reason.IMAGE_UNAVAILABLE, "The image " + image + " cannot be had: " + words);
    }
    return reason.endsWith("Error") ? problem(Reason.CRASHING, words) : Optional.empty();
  }

  private static Optional<Problem> ended(ContainerStateTerminated ended) {
    return StartScriptRefusal.of(ended)
        .map(refusal -> problem(refusal.reason(), refusal.words()))
        .orElseGet(
            () ->
                LastTermination.diskFull(ended)
                    ? problem(Reason.DISK_FULL, "Raise spec.storage.size. " + crash(ended))
                    : crashed(ended));
  }

  private static Optional<Problem> crashed(ContainerStateTerminated ended) {
    return LastTermination.outOfMemory(ended)
        ? problem(
            Reason.OUT_OF_MEMORY,
            "The server was killed for using more memory than spec.resources.limits.memory allows."
                + " Raise that, or lower shared_buffers, work_mem or max_connections in"
                + " spec.parameters.")
        : problem(Reason.CRASHING, crash(ended));
  }

  private static String crash(ContainerStateTerminated ended) {
    return "The server ended with exit code %d%s"
        .formatted(
            ended.getExitCode(),
            LastTermination.said(ended).map(", PostgreSQL's last words: "::concat).orElse(""));
  }

  private static Optional<Problem> problem(Reason reason, String message) {
    return Optional.of(
        new Problem(
            reason,
            message.length() <= MESSAGE_LENGTH
                ? message
                : message.substring(0, MESSAGE_LENGTH - 1) + "…"));
  }
}
