package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.WaitingReason;
import dev.postgresinstance.operator.instance.termination.LastTermination;
import dev.postgresinstance.operator.instance.termination.StartScriptRefusal;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rank;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Why the server does not run, as the pod's own status shows it. */
final class PodProblems {

  /** A status is read on a screen; it holds no log. */
  private static final int MAX_MESSAGE_LENGTH = 500;

  /** Reasons that may be over as soon as the container runs again. */
  private static final Set<Reason> OVER_WHEN_RUNNING =
      EnumSet.of(Reason.CRASHING, Reason.OUT_OF_MEMORY);

  /** The scheduler met a conflict when it wrote the claim, and retries in a moment. */
  private static final String SCHEDULER_CONFLICT = "the object has been modified";

  private PodProblems() {}

  /** The problem; empty while the pod is just starting. */
  static Optional<Problem> of(Snapshot snapshot, Pod pod) {
    return unschedulable(snapshot, pod)
        .or(() -> DatabaseContainer.status(pod).flatMap(status -> of(pod, status)));
  }

  private static Optional<Problem> unschedulable(Snapshot snapshot, Pod pod) {
    return PodState.falseCondition(pod, "PodScheduled")
        .map(condition -> String.valueOf(condition.getMessage()))
        .filter(message -> !message.contains(SCHEDULER_CONFLICT))
        .flatMap(
            message ->
                message.toLowerCase(Locale.ROOT).contains("persistentvolumeclaim")
                    ? problem(Reason.CLAIM_PENDING, claimPending(snapshot) + message)
                    : problem(Reason.UNSCHEDULABLE, "No node accepts the pod: " + message));
  }

  /** The beginning of a sentence that ends with a message of the cluster. */
  static String claimPending(Snapshot snapshot) {
    String claim = snapshot.claimName();
    String storageClass =
        snapshot
            .get(ObjectKey.CLAIM)
            .map(present -> present.getSpec().getStorageClassName())
            .orElse("none");
    return "Claim %s has no volume yet (storage class %s; %s shows more): "
        .formatted(claim, storageClass, KubectlCommand.describe(snapshot.instance(), "pvc", claim));
  }

  private static Optional<Problem> of(Pod pod, ContainerStatus status) {
    ContainerState state = Optional.ofNullable(status.getState()).orElse(new ContainerState());
    if (state.getTerminated() != null) {
      return terminated(state.getTerminated());
    }
    Optional<Problem> before =
        Optional.ofNullable(status.getLastState())
            .map(ContainerState::getTerminated)
            .flatMap(PodProblems::terminated);
    if (state.getWaiting() != null) {
      return waiting(pod, state.getWaiting()).or(() -> before);
    }
    // The container runs again: a refusal of the start script holds until a start succeeds.
    return before
        .filter(problem -> !OVER_WHEN_RUNNING.contains(problem.reason()))
        .filter(problem -> !Boolean.TRUE.equals(status.getStarted()));
  }

  private static Optional<Problem> waiting(Pod pod, ContainerStateWaiting waiting) {
    String message = WaitingReason.message(waiting);
    if (WaitingReason.isImageUnavailable(waiting)) {
      return problem(
          Reason.IMAGE_UNAVAILABLE,
          "The node cannot pull the image %s: %s"
              .formatted(DatabaseContainer.image(pod).orElse(""), message));
    }
    return WaitingReason.isError(waiting) ? problem(Reason.CRASHING, message) : Optional.empty();
  }

  private static Optional<Problem> terminated(ContainerStateTerminated termination) {
    return StartScriptRefusal.of(termination)
        .map(refusal -> problem(refusal.reason(), refusal.message()))
        .orElseGet(
            () ->
                LastTermination.isDiskFull(termination)
                    ? problem(Reason.DISK_FULL, "Raise spec.storage.size. " + describe(termination))
                    : crashed(termination));
  }

  private static Optional<Problem> crashed(ContainerStateTerminated termination) {
    return LastTermination.isOutOfMemory(termination)
        ? problem(
            Reason.OUT_OF_MEMORY,
            "The server was killed because it used more memory than spec.resources.limits.memory"
                + " allows. "
                + LastTermination.MEMORY_REMEDY
                + ".")
        : problem(Reason.CRASHING, describe(termination));
  }

  private static String describe(ContainerStateTerminated termination) {
    return "The server ended with exit code %d%s"
        .formatted(
            termination.getExitCode(),
            LastTermination.message(termination)
                .map(", last message of PostgreSQL: "::concat)
                .orElse(""));
  }

  private static Optional<Problem> problem(Reason reason, String message) {
    String shortened = Text.abbreviate(message, MAX_MESSAGE_LENGTH);
    return Optional.of(new Problem(reason, shortened).ranked(Rank.SERVER_DOWN));
  }
}
