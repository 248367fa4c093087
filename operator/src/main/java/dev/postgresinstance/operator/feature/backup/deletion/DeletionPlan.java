package dev.postgresinstance.operator.feature.backup.deletion;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postgresinstance.operator.feature.backup.pod.ContainerEnd;
import dev.postgresinstance.operator.feature.backup.pod.JobRun;
import dev.postgresinstance.operator.feature.backup.record.DeletableBackups;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.termination.LastTermination;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What happens to the Job that deletes backups from the store.
 *
 * @param create the Job to create
 * @param delete why the present Job is deleted; part of a sentence
 * @param note what a person should know, in sentences
 */
record DeletionPlan(Optional<Job> create, Optional<String> delete, Optional<String> note) {

  /** A store that has refused a deletion may well refuse it again. */
  private static final Duration RETRY = Duration.ofHours(1);

  private static final DeletionPlan NOTHING =
      new DeletionPlan(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * The plan.
   *
   * @param operatorImage the image of the operator; empty when it is not known
   */
  static DeletionPlan of(Snapshot snapshot, Optional<String> operatorImage, Instant now) {
    if (snapshot.instance().getSpec().backup() == null) {
      return NOTHING;
    }
    List<String> orphaned = DeletableBackups.of(snapshot).orphaned();
    return snapshot
        .get(ObjectKey.BACKUP_DELETION_JOB)
        .map(job -> ofPresent(snapshot, job, orphaned, now))
        .orElseGet(
            () ->
                orphaned.isEmpty()
                    ? NOTHING
                    : new DeletionPlan(
                        operatorImage.map(image -> DeletionJob.desired(snapshot, orphaned, image)),
                        Optional.empty(),
                        Optional.empty()));
  }

  private static DeletionPlan ofPresent(
      Snapshot snapshot, Job job, List<String> orphaned, Instant now) {
    if (job.getMetadata().getDeletionTimestamp() != null
        || !Ownership.isOwner(snapshot.instance(), job)) {
      return NOTHING;
    }
    JobRun run = DeletionJob.run(snapshot, job);
    if (run.isComplete()) {
      return new DeletionPlan(
          Optional.empty(),
          Optional.of("other backups have to be deleted")
              .filter(why -> !orphaned.isEmpty() && isForgotten(snapshot, job)),
          kept(run));
    }
    return run.failedAt()
        .map(at -> ofFailed(run, orphaned, at.plus(RETRY), now))
        .orElseGet(
            () ->
                new DeletionPlan(
                    Optional.empty(),
                    Optional.empty(),
                    run.obstacle().map(why -> remaining(job) + " " + why)));
  }

  private static DeletionPlan ofFailed(
      JobRun run, List<String> orphaned, Instant retry, Instant now) {
    boolean isOutdated = !DeletableBackups.handled(run.job()).equals(Set.copyOf(orphaned));
    return new DeletionPlan(
        Optional.empty(),
        Optional.of("the deletion is tried again").filter(why -> isOutdated || !retry.isAfter(now)),
        Optional.of(
            "%s %s The operator tries again at %s, and when it has to delete other backups."
                .formatted(
                    remaining(run.job()),
                    run.failure()
                        .map(DeletionPlan::sentence)
                        .orElse("The Job that deletes them has failed."),
                    retry)));
  }

  /** Whether the status no longer records what the Job has deleted: then the Job may be deleted. */
  private static boolean isForgotten(Snapshot snapshot, Job job) {
    Set<String> handled = DeletableBackups.handled(job);
    return DeletableBackups.recordedBefore(snapshot).stream()
        .noneMatch(backup -> handled.contains(backup.archiveName()));
  }

  private static Optional<String> kept(JobRun run) {
    return run.success(DeletionJob.DELETE)
        .flatMap(ContainerEnd::result)
        .map(
            result ->
                result
                    .path("kept")
                    .valueStream()
                    .map(JsonNode::asText)
                    .map(LastTermination::shorten)
                    .collect(Collectors.joining(", ")))
        .filter(folders -> !folders.isEmpty())
        .map(
            folders ->
                "Backup %s stays in the store although its PostgresBackup is gone: another backup needs it, or it is the last one. The retention deletes it later."
                    .formatted(folders));
  }

  private static String remaining(Job job) {
    return "Still in the store, although their PostgresBackups are gone: %s.".formatted(words(job));
  }

  /** The folders that the Job deletes, for a sentence. */
  static String words(Job job) {
    return String.join(", ", new TreeSet<>(DeletableBackups.handled(job)));
  }

  private static String sentence(String text) {
    return text.endsWith(".") ? text : text + ".";
  }
}
