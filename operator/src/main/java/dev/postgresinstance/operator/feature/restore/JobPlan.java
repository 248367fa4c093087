package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Archive;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What happens to the Job of a restore now. Another Job replaces one that has failed, or has not
 * begun, when the spec, the backup or a Secret has changed: a corrected Secret needs no other
 * action.
 *
 * @param create the Job to create
 * @param delete why the present Job is deleted; part of a sentence
 * @param problem what the status says
 */
public record JobPlan(Optional<Job> create, Optional<String> delete, Optional<Problem> problem) {

  /** Nothing is to be restored. */
  public static final JobPlan NOTHING =
      new JobPlan(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * The plan for {@code spec.source}.
   *
   * @param image the image of the server
   * @param operatorImage the image of the operator; empty when it is not known
   */
  static JobPlan of(ReconcileInput input, String image, Optional<String> operatorImage) {
    return Restore.isPending(input.snapshot())
        ? of(input, RestoreOrder.ofSource(input.snapshot()), image, operatorImage)
        : NOTHING;
  }

  /**
   * The plan for an order that is not complete.
   *
   * @param image the image of the server
   * @param operatorImage the image of the operator; empty when it is not known
   */
  public static JobPlan of(
      ReconcileInput input, RestoreOrder order, String image, Optional<String> operatorImage) {
    Snapshot snapshot = input.snapshot();
    Optional<Problem> obstacle = RestoreProblems.obstacle(input, order.source(), operatorImage);
    Optional<Job> desired =
        order.source() instanceof Archive archive && obstacle.isEmpty()
            ? order
                .claimUid(snapshot)
                .map(
                    claim ->
                        RestoreJob.desired(
                            snapshot,
                            order,
                            archive,
                            image,
                            operatorImage.orElseThrow(),
                            SourceSecrets.versions(input, archive.store())))
            : Optional.empty();
    return snapshot
        .get(ObjectKey.RESTORE_JOB)
        .map(job -> ofPresent(input, order, job, desired, obstacle))
        .orElseGet(() -> ofAbsent(snapshot, order, desired, obstacle));
  }

  private static JobPlan ofAbsent(
      Snapshot snapshot, RestoreOrder order, Optional<Job> desired, Optional<Problem> obstacle) {
    if (obstacle.isPresent()) {
      return waiting(obstacle.get());
    }
    boolean hasServer = !order.besideServer() && snapshot.pod().isPresent();
    if (hasServer || JobState.hasPodLeft(snapshot)) {
      return waiting(
          RestoreProblems.restoring("The restore waits for a pod that still uses the volume."));
    }
    return new JobPlan(
        desired.filter(job -> order.besideServer() || !snapshot.suspended()),
        Optional.empty(),
        Optional.of(RestoreProblems.starting(order)));
  }

  private static JobPlan ofPresent(
      ReconcileInput input,
      RestoreOrder order,
      Job job,
      Optional<Job> desired,
      Optional<Problem> obstacle) {
    Snapshot snapshot = input.snapshot();
    PostgresInstance instance = snapshot.instance();
    if (job.getMetadata().getDeletionTimestamp() != null || !Ownership.isOwner(instance, job)) {
      return waiting(
          RestoreProblems.restoring(
              "An earlier restore is being removed; another one follows when Job %s is gone."
                  .formatted(Names.restoreJob(instance))));
    }
    List<Pod> pods = JobState.pods(snapshot, job);
    Optional<Problem> problem =
        obstacle
            .filter(o -> pods.stream().noneMatch(JobState::isRunning))
            .or(() -> Optional.of(RestoreProblems.of(input, order, job, pods)));
    return new JobPlan(
        Optional.empty(), reason(snapshot, order, job, pods, desired, input.now()), problem);
  }

  /** Why another Job replaces this one; never while it works. */
  private static Optional<String> reason(
      Snapshot snapshot,
      RestoreOrder order,
      Job job,
      List<Pod> pods,
      Optional<Job> desired,
      Instant now) {
    if (pods.stream().anyMatch(JobState::isRunning)) {
      return Optional.empty();
    }
    boolean isOntoClaim =
        snapshot.get(order.claim()).filter(claim -> JobState.isOnto(claim, job)).isPresent();
    if (JobState.isComplete(job) || !isOntoClaim) {
      return Optional.of("it restores onto another claim");
    }
    return desired
        .filter(next -> RestoreJob.differs(job, next))
        .map(next -> "what it was made from has changed")
        .or(
            () ->
                JobState.failedAt(job)
                    .filter(
                        failed -> desired.isPresent() && !failed.plus(JobState.RETRY).isAfter(now))
                    .map(failed -> "the restore is tried again"));
  }

  private static JobPlan waiting(Problem problem) {
    return new JobPlan(Optional.empty(), Optional.empty(), Optional.of(problem));
  }
}
