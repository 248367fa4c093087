package dev.postgresinstance.operator.feature.backup.job;

import dev.postgresinstance.api.v1alpha1.ArchiveLocation;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Complete;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Fail;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Nothing;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Run;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Start;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Wait;
import dev.postgresinstance.operator.feature.backup.pod.ContainerEnd;
import dev.postgresinstance.operator.feature.backup.pod.JobRun;
import dev.postgresinstance.operator.feature.backup.record.Backup;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All from which the next step for a PostgresBackup follows.
 *
 * @param backup the resource
 * @param snapshot its instance; empty when there is none
 * @param run its Job; empty when there is none
 * @param siblings all PostgresBackups that name the same instance
 * @param operatorImage image of this operator; empty when it is not known
 */
public record BackupFacts(
    PostgresBackup backup,
    Optional<Snapshot> snapshot,
    Optional<JobRun> run,
    List<PostgresBackup> siblings,
    Optional<String> operatorImage) {

  /** The end of each message about a failure that may not occur again. */
  private static final String REMEDY =
      "When the cause is solved, create another PostgresBackup, or wait for the next one of the schedule.";

  /** The caches may report the end of a Job before that of its pod. */
  private static final Duration POD_PATIENCE = Duration.ofSeconds(30);

  /** What happens next. */
  public BackupDecision decide(Instant now) {
    Backup previous = new Backup(backup);
    if (previous.isFinal() || backup.getMetadata().getDeletionTimestamp() != null) {
      return new Nothing();
    }
    return run.map(present -> withJob(present, now)).orElseGet(() -> withoutJob(previous, now));
  }

  private BackupDecision withoutJob(Backup previous, Instant now) {
    if (previous.isRunning()) {
      return failed(deleted(BackupJob.name(backup)));
    }
    return BackupObstacles.of(backup, snapshot, siblings, operatorImage)
        .<BackupDecision>map(Wait::new)
        .orElseGet(() -> start(snapshot.orElseThrow(), now));
  }

  /** No other Job follows: whoever deleted this one may have wanted to end the backup. */
  private static String deleted(String job) {
    return "Job %s was deleted before the backup was complete.".formatted(job);
  }

  private BackupDecision start(Snapshot instance, Instant now) {
    String image =
        instance
            .activePod()
            .flatMap(
                pod -> DatabaseContainer.requestedImage(pod, instance.get(ObjectKey.STATEFUL_SET)))
            .orElseThrow();
    return new Start(BackupJob.desired(backup, instance, image, operatorImage.orElseThrow(), now));
  }

  private BackupDecision withJob(JobRun present, Instant now) {
    Job job = present.job();
    if (!isOwned(job)) {
      return foreign(job);
    }
    if (present.isComplete()) {
      return complete(present, now);
    }
    if (job.getMetadata().getDeletionTimestamp() != null) {
      return failed(deleted(job.getMetadata().getName()));
    }
    String cause = present.failure().orElseGet(() -> withoutCause(job));
    if (present.isFailed()) {
      return failed(cause);
    }
    return present.isStuck(now)
        ? new Fail(sentences(cause), Optional.of(job))
        : new Run(running(present));
  }

  private boolean isOwned(Job job) {
    return job.getMetadata().getOwnerReferences().stream()
        .map(OwnerReference::getUid)
        .anyMatch(backup.getMetadata().getUid()::equals);
  }

  /** A Job that an earlier PostgresBackup of the same name has left is deleted in a moment. */
  private static BackupDecision foreign(Job job) {
    String name = job.getMetadata().getName();
    boolean isLeftover =
        job.getMetadata().getOwnerReferences().stream()
            .anyMatch(owner -> "PostgresBackup".equals(owner.getKind()));
    return isLeftover
        ? new Wait(
            "Job %s of an earlier PostgresBackup of this name is being deleted. The backup starts after it."
                .formatted(name))
        : new Fail(
            "Job %s exists and does not belong to this PostgresBackup. Create a PostgresBackup with another name."
                .formatted(name),
            Optional.empty());
  }

  private BackupDecision complete(JobRun present, Instant now) {
    Optional<ContainerEnd> end = present.success(BackupJob.UPLOAD);
    Instant jobEnd = present.completedAt().orElseThrow();
    if (end.isEmpty() && jobEnd.plus(POD_PATIENCE).isAfter(now)) {
      return new Run(running(present));
    }
    Optional<ArchiveLocation> archive = BackupJob.archive(present.job());
    return end.flatMap(ContainerEnd::result)
        .flatMap(BackupResult::of)
        .<BackupDecision>map(
            result ->
                new Complete(
                    result,
                    archive,
                    end.flatMap(ContainerEnd::time).orElse(jobEnd),
                    result.parent().map(name -> parent(archive, name)),
                    outdated(archive, result)))
        .orElseGet(() -> failed(withoutResult(present.job())));
  }

  private String parent(Optional<ArchiveLocation> archive, String name) {
    return of(archive, List.of(name)).stream()
        .findFirst()
        .map(parent -> parent.getMetadata().getName())
        .orElse(name);
  }

  /** The PostgresBackups of what the retention has deleted from the same archive. */
  private List<PostgresBackup> outdated(Optional<ArchiveLocation> archive, BackupResult result) {
    return of(archive, result.deleted());
  }

  /** The PostgresBackups of backups in an archive. */
  private List<PostgresBackup> of(Optional<ArchiveLocation> archive, List<String> names) {
    Optional<String> instanceId = archive.map(ArchiveLocation::instanceId);
    return siblings.stream()
        .filter(sibling -> new Backup(sibling).isComplete())
        .filter(
            sibling ->
                new Backup(sibling).archive().map(ArchiveLocation::instanceId).equals(instanceId))
        .filter(sibling -> new Backup(sibling).archiveName().filter(names::contains).isPresent())
        .toList();
  }

  private static String withoutResult(Job job) {
    return "Job %s is complete, but has left no result that the operator can read. The backup may be in the store."
        .formatted(job.getMetadata().getName());
  }

  private static String running(JobRun run) {
    return run.failure()
            .map(cause -> "An attempt has failed, and the Job repeats it: " + ended(cause) + " ")
            .orElse("")
        + run.obstacle().orElseGet(() -> BackupJob.running(run.job()));
  }

  private static String withoutCause(Job job) {
    return "Job %s has failed; kubectl describe -n %s job %1$s may show why."
        .formatted(job.getMetadata().getName(), job.getMetadata().getNamespace());
  }

  private static Fail failed(String cause) {
    return new Fail(sentences(cause), Optional.empty());
  }

  private static String sentences(String cause) {
    return ended(cause) + " " + REMEDY;
  }

  private static String ended(String cause) {
    String text = cause.strip();
    return text.endsWith(".") || text.endsWith("…") ? text : text + ".";
  }
}
