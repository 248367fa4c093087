package dev.postgresinstance.operator.feature.backup.pod;

import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.WaitingReason;
import dev.postgresinstance.operator.instance.pod.OtherContainers;
import dev.postgresinstance.operator.report.Rejection;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * How a Job of two containers goes, as its status and its pods tell. The Job repeats a failed pod;
 * each pod is one attempt.
 *
 * @param job the Job
 * @param pods its pods, as far as they exist
 * @param evidence what events tell about a pod that cannot be created or does not start
 */
public record JobRun(Job job, List<Pod> pods, SchedulingEvidence evidence) {

  /** The containers wait for each other, so one cannot do without the other for long. */
  private static final Duration ALONE = Duration.ofMinutes(5);

  /** A program knows why PostgreSQL has failed, but not the other way round. */
  private static final Comparator<ContainerEnd> PROGRAMS_FIRST =
      Comparator.comparing(end -> end.container().equals(Names.CONTAINER));

  private static final Comparator<Pod> OLDEST_FIRST =
      Comparator.<Pod, String>comparing(pod -> pod.getMetadata().getCreationTimestamp())
          .thenComparing(pod -> pod.getMetadata().getName());

  public JobRun {
    pods = pods.stream().sorted(OLDEST_FIRST).toList();
  }

  /** Whether an attempt has succeeded. */
  public boolean isComplete() {
    return completedAt().isPresent();
  }

  /** When an attempt succeeded. */
  public Optional<Instant> completedAt() {
    return condition("Complete").map(JobCondition::getLastTransitionTime).map(Instant::parse);
  }

  /** Whether there is no further attempt. */
  public boolean isFailed() {
    return condition("Failed").isPresent();
  }

  /** When the Job gave up; empty if it has not. */
  public Optional<Instant> failedAt() {
    return condition("Failed").map(JobCondition::getLastTransitionTime).map(Instant::parse);
  }

  private Optional<JobCondition> condition(String type) {
    return Optional.ofNullable(job.getStatus())
        .map(JobStatus::getConditions)
        .flatMap(
            conditions ->
                conditions.stream()
                    .filter(c -> type.equals(c.getType()) && "True".equals(c.getStatus()))
                    .findFirst());
  }

  /** How a container of the attempt that succeeded has ended. */
  public Optional<ContainerEnd> success(String container) {
    return pods.stream()
        .filter(pod -> "Succeeded".equals(pod.getStatus().getPhase()))
        .flatMap(ContainerEnd::of)
        .filter(end -> end.container().equals(container))
        .reduce((first, last) -> last);
  }

  /**
   * Whether one container has failed and the other one waits for it for ever: the kubelet does not
   * end it, and the Job would never fail.
   */
  public boolean isStuck(Instant now) {
    return pods.stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(pod -> "Running".equals(pod.getStatus().getPhase()))
        .flatMap(ContainerEnd::of)
        .filter(end -> !end.succeeded())
        .flatMap(end -> end.time().stream())
        .anyMatch(time -> time.plus(ALONE).isBefore(now));
  }

  /** Why the last attempt that failed has failed, in sentences; empty while none has. */
  public Optional<String> failure() {
    return pods.stream().flatMap(pod -> failure(pod).stream()).reduce((first, last) -> last);
  }

  private static Optional<String> failure(Pod pod) {
    List<ContainerEnd> failed =
        ContainerEnd.of(pod).filter(end -> !end.succeeded()).sorted(PROGRAMS_FIRST).toList();
    return first(failed, ContainerEnd::isOutOfMemory)
        .map(JobRun::outOfMemory)
        .or(() -> failed.stream().flatMap(end -> end.message().stream()).findFirst())
        .or(() -> evicted(pod))
        .or(() -> first(failed, end -> true).map(end -> exited(pod, end)));
  }

  private static Optional<ContainerEnd> first(
      List<ContainerEnd> ends, Predicate<ContainerEnd> which) {
    return ends.stream().filter(which).findFirst();
  }

  private static String outOfMemory(ContainerEnd end) {
    return "Container %s was killed because it used more memory than its limit."
        .formatted(end.container());
  }

  /** The kubelet or the control plane has ended the pod, whatever its containers did. */
  private static Optional<String> evicted(Pod pod) {
    return Optional.ofNullable(pod.getStatus().getReason())
        .map(
            reason ->
                "Pod %s was ended: %s."
                    .formatted(
                        pod.getMetadata().getName(),
                        Stream.of(reason, pod.getStatus().getMessage())
                            .filter(text -> text != null && !text.isBlank())
                            .map(text -> text.strip().replaceFirst("\\.$", ""))
                            .reduce("%s: %s"::formatted)
                            .orElseThrow()));
  }

  private static String exited(Pod pod, ContainerEnd end) {
    return end.lastLine()
        .map(line -> "Container %s ended with: %s".formatted(end.container(), line))
        .orElseGet(
            () ->
                "Container %s ended with exit code %d; kubectl logs -n %s %s -c %1$s may show why."
                    .formatted(
                        end.container(),
                        end.state().getExitCode(),
                        pod.getMetadata().getNamespace(),
                        pod.getMetadata().getName()));
  }

  /** Why no pod of the Job can run now, in sentences; empty while one runs or is just starting. */
  public Optional<String> obstacle() {
    Optional<Pod> current = pods.stream().filter(JobRun::isActive).reduce((first, last) -> last);
    return current.isEmpty()
        ? evidence.podRefusal().map(JobRun::refused)
        : current.flatMap(
            pod ->
                unschedulable(pod)
                    .or(() -> waiting(pod))
                    .or(() -> evidence.volume().map(message -> volume(pod, message))));
  }

  /** Whether the attempt has not ended. */
  public static boolean isActive(Pod pod) {
    return !Set.of("Succeeded", "Failed").contains(pod.getStatus().getPhase());
  }

  private static String refused(String message) {
    return Rejection.isQuota(message)
        ? "The pod cannot be created: %s. Raise the quota, or delete objects that are not needed."
            .formatted(message)
        : "The cluster rejects the pod: %s. The Job keeps trying.".formatted(message);
  }

  private static Optional<String> unschedulable(Pod pod) {
    return PodState.falseCondition(pod, "PodScheduled")
        .map(condition -> "No node accepts the pod: %s".formatted(condition.getMessage()));
  }

  private static Optional<String> waiting(Pod pod) {
    return Stream.concat(
            pod.getStatus().getInitContainerStatuses().stream(),
            pod.getStatus().getContainerStatuses().stream())
        .flatMap(status -> waiting(pod, status).stream())
        .findFirst();
  }

  private static Optional<String> waiting(Pod pod, ContainerStatus status) {
    Optional<ContainerStateWaiting> waiting =
        Optional.ofNullable(status.getState()).map(ContainerState::getWaiting);
    return waiting
        .filter(WaitingReason::isImageUnavailable)
        .map(
            state ->
                "The node cannot pull the image %s: %s"
                    .formatted(
                        OtherContainers.image(pod, status.getName()), WaitingReason.message(state)))
        .or(
            () ->
                waiting
                    .filter(WaitingReason::isError)
                    .map(
                        state ->
                            "Container %s cannot start: %s"
                                .formatted(status.getName(), WaitingReason.message(state))));
  }

  private static String volume(HasMetadata pod, String message) {
    return "A volume of the pod cannot be mounted: %s. The node keeps trying; kubectl describe -n %s pod %s shows more."
        .formatted(message, pod.getMetadata().getNamespace(), pod.getMetadata().getName());
  }
}
