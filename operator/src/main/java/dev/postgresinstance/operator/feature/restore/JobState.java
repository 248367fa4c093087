package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the Job of a restore and its pods show. */
public final class JobState {

  /** When another Job replaces one that has failed: the cause may have ended by itself. */
  static final Duration RETRY = Duration.ofMinutes(5);

  private static final String COMPLETE = "Complete";
  private static final String FAILED = "Failed";

  private JobState() {}

  /** Whether a pod of the Job has succeeded. */
  public static boolean isComplete(Job job) {
    return endedAt(job, COMPLETE).isPresent();
  }

  /** When the Job gave up; empty if it has not. */
  static Optional<Instant> failedAt(Job job) {
    return endedAt(job, FAILED);
  }

  private static Optional<Instant> endedAt(Job job, String type) {
    return Stream.ofNullable(job.getStatus())
        .flatMap(status -> status.getConditions().stream())
        .filter(condition -> type.equals(condition.getType()))
        .filter(condition -> "True".equals(condition.getStatus()))
        .map(JobCondition::getLastTransitionTime)
        .map(Instant::parse)
        .findFirst();
  }

  /** Whether the Job restores onto that claim, and not onto one that is gone. */
  public static boolean isOnto(PersistentVolumeClaim claim, Job job) {
    return Annotations.get(job, Labels.RESTORE_CLAIM)
        .equals(Optional.ofNullable(claim.getMetadata().getUid()));
  }

  /** The pods of the Job, the oldest first. */
  public static List<Pod> pods(Snapshot snapshot, Job job) {
    return pods(snapshot).filter(pod -> isOf(pod, job)).toList();
  }

  /** Whether a pod of an earlier Job may still use the volume. */
  static boolean hasPodLeft(Snapshot snapshot) {
    return pods(snapshot).anyMatch(pod -> !PodState.hasEnded(pod));
  }

  /** Whether the containers of a pod have been started, and not all of them have ended. */
  static boolean isRunning(Pod pod) {
    return Optional.ofNullable(pod.getStatus())
        .map(PodStatus::getPhase)
        .filter("Running"::equals)
        .isPresent();
  }

  private static Stream<Pod> pods(Snapshot snapshot) {
    return snapshot.surroundings().ofJob(Names.restoreJob(snapshot.instance())).stream();
  }

  private static boolean isOf(Pod pod, Job job) {
    return pod.getMetadata().getOwnerReferences().stream()
        .anyMatch(owner -> owner.getUid().equals(job.getMetadata().getUid()));
  }
}
