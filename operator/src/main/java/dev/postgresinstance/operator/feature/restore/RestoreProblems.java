package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Archive;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Unknown;
import dev.postgresinstance.operator.feature.restore.state.RestoreEnd;
import dev.postgresinstance.operator.feature.restore.state.RestoreProgress;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.WaitingReason;
import dev.postgresinstance.operator.instance.pod.OtherContainers;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What the status says about a restore. Each of these problems means that no server runs. */
final class RestoreProblems {

  private RestoreProblems() {}

  /** Why no Job can be made now; empty if nothing prevents it. */
  static Optional<Problem> obstacle(
      ReconcileInput input, RestoreSource source, Optional<String> operatorImage) {
    return switch (source) {
      case Unknown unknown -> Optional.of(unknown.problem());
      case Archive archive when operatorImage.isEmpty() ->
          Optional.of(
              failed(
                  "The operator does not know its own image, which has the program that reads the archive. Set the environment variable OPERATOR_IMAGE of the operator, as its chart does."));
      case Archive archive ->
          SourceSecrets.fault(input, archive.store())
              .map(fault -> failed(fault + " The restore begins when it is there."));
    };
  }

  /** The Job is about to be created. */
  static Problem starting(RestoreOrder order) {
    return restoring("The restore from %s is starting.".formatted(order.description()));
  }

  /**
   * How a Job goes that is not complete.
   *
   * @param pods its pods, the oldest first
   */
  static Problem of(ReconcileInput input, RestoreOrder order, Job job, List<Pod> pods) {
    PostgresInstance instance = input.snapshot().instance();
    Optional<Pod> newest = pods.reversed().stream().findFirst();
    Optional<String> failure =
        pods.reversed().stream().filter(PodState::hasFailed).findFirst().map(RestoreEnd::failure);
    String source = order.description();
    String next =
        JobState.failedAt(job)
            .map(
                at ->
                    "It is tried again at %s, and as soon as %s changes."
                        .formatted(at.plus(JobState.RETRY), causes(order)))
            .orElse("Job %s tries again.".formatted(Names.restoreJob(instance)));
    if (JobState.failedAt(job).isPresent() || newest.filter(PodState::hasFailed).isPresent()) {
      return failed(
          "The restore from %s failed: %s %s"
              .formatted(source, sentence(failure.orElse("Its pod is gone.")), next));
    }
    Problem progress =
        newest.flatMap(RestoreProblems::waiting).orElseGet(() -> progress(input, newest, source));
    return failure
        .map(why -> progress.followedBy("The attempt before failed: " + sentence(why)))
        .orElse(progress);
  }

  private static String causes(RestoreOrder order) {
    return order.annotations().containsKey(Labels.RESTORE_TO)
        ? "the annotation %s, the spec or a Secret of the store".formatted(Labels.RESTORE_TO)
        : "the spec or a Secret of the source";
  }

  private static Problem progress(ReconcileInput input, Optional<Pod> pod, String source) {
    PostgresInstance instance = input.snapshot().instance();
    return pod.filter(JobState::isRunning)
        .map(running -> running(input, running, source))
        .orElseGet(
            () ->
                restoring(
                    "The restore from %s is starting: Job %s creates its pod. If this takes long, %s shows why."
                        .formatted(
                            source,
                            Names.restoreJob(instance),
                            KubectlCommand.describe(instance, "job", Names.restoreJob(instance)))));
  }

  private static Problem running(ReconcileInput input, Pod pod, String source) {
    Optional<RestoreProgress> progress =
        RestoreProgress.last(input.cluster().log(pod, RecoveryPod.FETCH));
    return RestoreSource.problem(
        progress.filter(known -> known.phase() == RestoreProgress.Phase.WAL).isPresent()
            ? Reason.REPLAYING
            : Reason.RESTORING,
        "The restore from %s has been running since %s%s. Its log shows more: %s"
            .formatted(
                source,
                pod.getStatus().getStartTime(),
                progress.map(known -> ": " + known.sentence()).orElse(""),
                KubectlCommand.logs(pod, RecoveryPod.FETCH)));
  }

  private static Optional<Problem> waiting(Pod pod) {
    return PodState.falseCondition(pod, "PodScheduled")
        .map(condition -> String.valueOf(condition.getMessage()))
        .map(RestoreProblems::unscheduled)
        .or(
            () ->
                Stream.ofNullable(pod.getStatus())
                    .map(PodStatus::getContainerStatuses)
                    .flatMap(List::stream)
                    .flatMap(status -> waiting(pod, status).stream())
                    .findFirst());
  }

  private static Problem unscheduled(String message) {
    return RestoreSource.problem(
        message.toLowerCase(Locale.ROOT).contains("persistentvolumeclaim")
            ? Reason.CLAIM_PENDING
            : Reason.UNSCHEDULABLE,
        "No node accepts the pod of the restore: " + message);
  }

  private static Optional<Problem> waiting(Pod pod, ContainerStatus status) {
    Optional<ContainerStateWaiting> waiting =
        Optional.ofNullable(status.getState()).map(ContainerState::getWaiting);
    return waiting
        .filter(WaitingReason::isImageUnavailable)
        .map(
            state ->
                RestoreSource.problem(
                    Reason.IMAGE_UNAVAILABLE,
                    "The node cannot pull the image %s of the restore: %s"
                        .formatted(
                            OtherContainers.image(pod, status.getName()),
                            WaitingReason.message(state))))
        .or(
            () ->
                waiting
                    .filter(WaitingReason::isError)
                    .map(state -> failed(sentence(WaitingReason.message(state)))));
  }

  private static String sentence(String text) {
    return text.endsWith(".") ? text : text + ".";
  }

  /** The data cannot be restored. */
  private static Problem failed(String message) {
    return RestoreSource.problem(Reason.RESTORE_FAILED, message);
  }

  /** The data is being restored. */
  static Problem restoring(String message) {
    return RestoreSource.problem(Reason.RESTORING, message);
  }
}
