package dev.postgresinstance.operator.feature.backup.verification;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.VerificationStatus;
import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.feature.backup.pod.ContainerEnd;
import dev.postgresinstance.operator.feature.backup.pod.JobRun;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The last verification that ended. A Job says so as long as it exists; the status keeps it. When
 * the Job was created tells which of both is newer.
 */
public final class LastVerification {

  /** The caches may report the end of a Job before that of its pod. */
  private static final Duration POD_PATIENCE = Duration.ofSeconds(30);

  /** Usually, a pod has its volume, its node and its images after a minute. */
  private static final Duration START_PATIENCE = Duration.ofMinutes(30);

  private static final int MAX_MESSAGE = 1_000;
  private static final int MAX_REQUEST = 256;

  private LastVerification() {}

  /** What the status says; empty before the first verification. */
  public static Optional<VerificationStatus> recorded(Snapshot snapshot) {
    return snapshot
        .previousStatus()
        .get(PostgresInstanceStatus::backup)
        .map(BackupStatus::lastVerification);
  }

  /** Whether the status has the end of a Job. */
  public static boolean isRecorded(Snapshot snapshot, Job job) {
    return recorded(snapshot)
        .map(VerificationStatus::startedAt)
        .filter(job.getMetadata().getCreationTimestamp()::equals)
        .isPresent();
  }

  /** Value of the annotation that requests a verification; empty without one. */
  public static Optional<String> request(HasMetadata object) {
    return Annotations.get(object, Labels.VERIFY_BACKUP)
        .filter(value -> !value.isBlank())
        .map(value -> Text.truncate(value, MAX_REQUEST));
  }

  /** The last one that ended, by what the Job shows or by what the status says. */
  public static Optional<VerificationStatus> of(Snapshot snapshot, Instant now) {
    return snapshot
        .get(ObjectKey.VERIFY_JOB)
        .filter(job -> Ownership.isOwner(snapshot.instance(), job))
        .filter(job -> !isRecorded(snapshot, job))
        .flatMap(job -> end(run(snapshot, job), now))
        .or(() -> recorded(snapshot));
  }

  private static JobRun run(Snapshot snapshot, Job job) {
    List<Pod> pods =
        snapshot.surroundings().ofJob(Names.verifyJob(snapshot.instance())).stream()
            .filter(
                pod ->
                    pod.getMetadata().getOwnerReferences().stream()
                        .anyMatch(owner -> owner.getUid().equals(job.getMetadata().getUid())))
            .toList();
    return new JobRun(job, pods, SchedulingEvidence.NONE);
  }

  private static Optional<VerificationStatus> end(JobRun run, Instant now) {
    if (run.isComplete()) {
      return complete(run, now);
    }
    if (run.isFailed()) {
      Instant end = failedAt(run.job()).orElse(now);
      return run.failure()
          .or(
              () ->
                  isPast(end, POD_PATIENCE, now)
                      ? Optional.of("Its pod is gone.")
                      : Optional.empty())
          .map(why -> failed(run.job(), end, why));
    }
    return isWaiting(run, now)
        ? Optional.of(
            failed(
                run.job(), now, run.obstacle().orElse("Its pod has not started for half an hour.")))
        : Optional.empty();
  }

  private static Optional<VerificationStatus> complete(JobRun run, Instant now) {
    Instant end = run.completedAt().orElseThrow();
    return run.success(Names.CONTAINER)
        .flatMap(ContainerEnd::result)
        .flatMap(VerificationResult::of)
        .map(result -> succeeded(run.job(), end, result))
        .or(
            () ->
                isPast(end, POD_PATIENCE, now)
                    ? Optional.of(failed(run.job(), end, "Its pod has left no result."))
                    : Optional.empty());
  }

  /** Whether the newest pod, or the Job without one, has waited for too long. */
  private static boolean isWaiting(JobRun run, Instant now) {
    Optional<Pod> newest = run.pods().reversed().stream().findFirst();
    boolean isPending =
        newest.filter(pod -> !"Pending".equals(pod.getStatus().getPhase())).isEmpty();
    Instant since =
        Instant.parse(
            newest
                .<HasMetadata>map(pod -> pod)
                .orElse(run.job())
                .getMetadata()
                .getCreationTimestamp());
    return isPending && isPast(since, START_PATIENCE, now);
  }

  private static boolean isPast(Instant since, Duration patience, Instant now) {
    return since.plus(patience).isBefore(now);
  }

  private static Optional<Instant> failedAt(Job job) {
    return Stream.ofNullable(job.getStatus())
        .map(JobStatus::getConditions)
        .flatMap(List::stream)
        .filter(condition -> "Failed".equals(condition.getType()))
        .map(JobCondition::getLastTransitionTime)
        .map(Instant::parse)
        .findFirst();
  }

  private static VerificationStatus succeeded(Job job, Instant end, VerificationResult result) {
    return new VerificationStatus(
        Annotations.get(job, Labels.BACKUP).orElse(null),
        job.getMetadata().getCreationTimestamp(),
        seconds(end),
        true,
        result.reachedTime().toString(),
        result.reachedLsn(),
        VerificationResult.text(result.duration()),
        result.message(),
        request(job).orElse(null));
  }

  private static VerificationStatus failed(Job job, Instant end, String why) {
    return new VerificationStatus(
        Annotations.get(job, Labels.BACKUP).orElse(null),
        job.getMetadata().getCreationTimestamp(),
        seconds(end),
        false,
        null,
        null,
        null,
        Text.abbreviate(why, MAX_MESSAGE),
        request(job).orElse(null));
  }

  private static String seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
