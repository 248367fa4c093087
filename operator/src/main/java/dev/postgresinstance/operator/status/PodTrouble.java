package dev.postgresinstance.operator.status;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.children.ImagePlan;
import dev.postgresinstance.operator.children.LastWords;
import dev.postgresinstance.operator.children.Names;
import dev.postgresinstance.operator.children.PodState;
import dev.postgresinstance.operator.children.StartRefusal;
import dev.postgresinstance.operator.children.World;
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
final class PodTrouble {

  /** A status is read on a screen; a log is not kept in it. */
  private static final int MESSAGE_LENGTH = 500;

  /** Of these nothing is known to last once the container runs again. */
  private static final Set<Reason> ENDED = EnumSet.of(Reason.CRASHING, Reason.OUT_OF_MEMORY);

  /** The scheduler was not the only one to write the claim, and comes back in a moment. */
  private static final String TRIED_AGAIN = "the object has been modified";

  private PodTrouble() {}

  /** The trouble, if there is one; none while the pod is just on its way. */
  static Optional<Trouble> of(World world, Pod pod) {
    return unschedulable(world, pod)
        .or(
            () ->
                pod.getStatus().getContainerStatuses().stream()
                    .findFirst()
                    .flatMap(status -> of(pod, status)));
  }

  private static Optional<Trouble> unschedulable(World world, Pod pod) {
    return PodState.refused(pod, "PodScheduled")
        .map(condition -> String.valueOf(condition.getMessage()))
        .filter(why -> !why.contains(TRIED_AGAIN))
        .flatMap(
            why ->
                why.toLowerCase(Locale.ROOT).contains("persistentvolumeclaim")
                    ? trouble(Reason.CLAIM_PENDING, claim(world) + why)
                    : trouble(Reason.UNSCHEDULABLE, "No node takes the pod: " + why));
  }

  /** The beginning of a sentence that the cluster's own words end. */
  static String claim(World world) {
    String storageClass =
        world.claim().map(claim -> claim.getSpec().getStorageClassName()).orElse("none given");
    return "Claim %s has no volume yet (storage class %s; kubectl describe pvc tells more): "
        .formatted(Names.claim(world.instance()), storageClass);
  }

  private static Optional<Trouble> of(Pod pod, ContainerStatus status) {
    ContainerState state = Optional.ofNullable(status.getState()).orElse(new ContainerState());
    if (state.getTerminated() != null) {
      return ended(state.getTerminated());
    }
    Optional<Trouble> before =
        Optional.ofNullable(status.getLastState())
            .map(ContainerState::getTerminated)
            .flatMap(PodTrouble::ended);
    if (state.getWaiting() != null) {
      return waiting(pod, state.getWaiting()).or(() -> before);
    }
    // It runs again after it ended: what the start script refused last time holds until it
    // succeeds.
    return before
        .filter(trouble -> !ENDED.contains(trouble.reason()))
        .filter(trouble -> !Boolean.TRUE.equals(status.getStarted()));
  }

  private static Optional<Trouble> waiting(Pod pod, ContainerStateWaiting waiting) {
    String reason = Optional.ofNullable(waiting.getReason()).orElse("");
    String words = Optional.ofNullable(waiting.getMessage()).orElse(reason);
    if (ImagePlan.UNAVAILABLE.contains(reason)) {
      String image = pod.getSpec().getContainers().getFirst().getImage();
      return trouble(Reason.IMAGE_UNAVAILABLE, "The image " + image + " cannot be had: " + words);
    }
    return reason.endsWith("Error") ? trouble(Reason.CRASHING, words) : Optional.empty();
  }

  private static Optional<Trouble> ended(ContainerStateTerminated ended) {
    return StartRefusal.of(ended)
        .map(refusal -> trouble(refusal.reason(), refusal.words()))
        .orElseGet(
            () ->
                LastWords.diskFull(ended)
                    ? trouble(Reason.DISK_FULL, "Raise spec.storage.size. " + crash(ended))
                    : crashed(ended));
  }

  private static Optional<Trouble> crashed(ContainerStateTerminated ended) {
    return LastWords.outOfMemory(ended)
        ? trouble(
            Reason.OUT_OF_MEMORY,
            "The server was killed for using more memory than spec.resources.limits.memory allows."
                + " Raise that, or lower shared_buffers, work_mem or max_connections in"
                + " spec.parameters.")
        : trouble(Reason.CRASHING, crash(ended));
  }

  private static String crash(ContainerStateTerminated ended) {
    return "The server ended with exit code %d%s"
        .formatted(
            ended.getExitCode(),
            LastWords.said(ended).map(", PostgreSQL's last words: "::concat).orElse(""));
  }

  private static Optional<Trouble> trouble(Reason reason, String message) {
    return Optional.of(
        new Trouble(
            reason,
            message.length() <= MESSAGE_LENGTH
                ? message
                : message.substring(0, MESSAGE_LENGTH - 1) + "…"));
  }
}
