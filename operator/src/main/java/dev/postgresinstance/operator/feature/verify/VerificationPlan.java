package dev.postgresinstance.operator.feature.verify;

import dev.postgresinstance.api.v1alpha1.BackupSpec;
import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.VerificationStatus;
import dev.postgresinstance.operator.feature.backup.BackupSchedule;
import dev.postgresinstance.operator.feature.backup.record.Backup;
import dev.postgresinstance.operator.feature.backup.verification.LastVerification;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * What happens to the Job of a verification now. One that works is left alone, and one that has
 * ended stays until the status has its result.
 *
 * @param create the Job to create
 * @param delete why the present Job is deleted; part of a sentence
 */
record VerificationPlan(Optional<Job> create, Optional<String> delete) {

  private static final VerificationPlan NOTHING =
      new VerificationPlan(Optional.empty(), Optional.empty());

  /**
   * The plan.
   *
   * @param image the image of the server
   * @param operatorImage the image of the operator; empty when it is not known
   */
  static VerificationPlan of(
      Snapshot snapshot, String image, Optional<String> operatorImage, Instant now) {
    Optional<Job> present = snapshot.get(ObjectKey.VERIFY_JOB);
    if (present.isPresent()) {
      return new VerificationPlan(Optional.empty(), outdated(snapshot, present.get(), now));
    }
    boolean hasPodLeft =
        snapshot.surroundings().unfinishedOfJob(Names.verifyJob(snapshot.instance())).isPresent();
    if (operatorImage.isEmpty() || hasPodLeft) {
      return NOTHING;
    }
    return new VerificationPlan(
        due(snapshot, now)
            .map(backup -> VerificationJob.desired(snapshot, backup, image, operatorImage.get())),
        Optional.empty());
  }

  private static Optional<String> outdated(Snapshot snapshot, Job job, Instant now) {
    if (job.getMetadata().getDeletionTimestamp() != null
        || !Ownership.isOwner(snapshot.instance(), job)) {
      return Optional.empty();
    }
    if (snapshot.instance().getSpec().backup() == null) {
      return Optional.of("the spec requests no backup any more");
    }
    if (!LastVerification.isRecorded(snapshot, job)) {
      return Optional.empty();
    }
    return hasEnded(job)
        ? due(snapshot, now).map(backup -> "another verification is due")
        : Optional.of("it does not start");
  }

  private static boolean hasEnded(Job job) {
    return job.getStatus() != null
        && job.getStatus().getConditions().stream()
            .filter(condition -> "True".equals(condition.getStatus()))
            .anyMatch(
                condition ->
                    "Complete".equals(condition.getType()) || "Failed".equals(condition.getType()));
  }

  /** The backup that has to be verified now; empty for none. */
  private static Optional<Backup> due(Snapshot snapshot, Instant now) {
    BackupSpec spec = snapshot.instance().getSpec().backup();
    if (spec == null || snapshot.suspended()) {
      return Optional.empty();
    }
    Optional<VerificationStatus> last = LastVerification.recorded(snapshot);
    boolean isRequested =
        LastVerification.request(snapshot.instance())
            .filter(value -> !Optional.of(value).equals(last.map(VerificationStatus::request)))
            .isPresent();
    return isRequested
            || BackupSchedule.ofVerifications(spec).due(since(snapshot, last), now).isPresent()
        ? newest(snapshot)
        : Optional.empty();
  }

  /** Before the first verification, moments before the first backup was requested are not due. */
  private static Instant since(Snapshot snapshot, Optional<VerificationStatus> last) {
    return last.map(VerificationStatus::startedAt)
        .or(() -> snapshot.get(ObjectKey.BACKUP_SECRET).map(VerificationPlan::created))
        .flatMap(Backup::instant)
        .orElse(Instant.EPOCH);
  }

  private static String created(HasMetadata object) {
    return object.getMetadata().getCreationTimestamp();
  }

  /** Of an earlier lineage, the end of the archive is not the state of now. */
  private static Optional<Backup> newest(Snapshot snapshot) {
    Optional<String> lineage =
        snapshot.previousStatus().get(PostgresInstanceStatus::backup).map(BackupStatus::lineage);
    return Backup.of(snapshot).stream()
        .filter(backup -> lineage.filter(backup::isCompleteIn).isPresent())
        .filter(backup -> backup.archiveName().isPresent())
        .max(Comparator.comparing(backup -> backup.completed().orElse(Instant.EPOCH)));
  }
}
