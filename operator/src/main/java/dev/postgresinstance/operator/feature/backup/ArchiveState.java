package dev.postgresinstance.operator.feature.backup;

import dev.postgresinstance.api.v1alpha1.BackupSpec;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.VerificationStatus;
import dev.postgresinstance.operator.feature.backup.claim.BackupClaim;
import dev.postgresinstance.operator.feature.backup.record.Backup;
import dev.postgresinstance.operator.feature.backup.verification.LastVerification;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the condition BackupReady says: whether what is committed now can be recovered.
 *
 * @param isReady whether it can
 * @param reason why, for programs
 * @param message why, and what to do
 */
record ArchiveState(boolean isReady, Reason reason, String message) {

  /** A pod that has just started has no session yet, and an image may have to be pulled. */
  private static final Duration USUAL_START = Duration.ofMinutes(1);

  /** The time of the archive is known to the minute, and an idle server reports every minute. */
  private static final Duration USUAL_LAG = Duration.ofMinutes(4);

  private static final int NEARLY_USED_UP = 80;

  /** A problem of the report. */
  private static final String STORE_FULL = "StoreFull";

  /**
   * The state of an instance to which a login succeeds.
   *
   * @param findings what the server shows; empty before the operator's first session
   * @param hasImage whether the operator knows the image of the backup pod
   */
  static ArchiveState of(
      Snapshot snapshot, Optional<ArchiveFindings> findings, boolean hasImage, Instant now) {
    BackupSpec spec = snapshot.instance().getSpec().backup();
    if (!hasImage) {
      return stopped(
          "The operator does not know its own image, which the backup pod needs: set the variable"
              + " OPERATOR_IMAGE of the operator.");
    }
    Optional<String> deletion = BackupClaim.deletion(snapshot);
    if (deletion.isPresent()) {
      return new ArchiveState(false, Reason.CLAIM_TERMINATING, deletion.get());
    }
    Optional<String> fault =
        fault(BackupSchedule.ofBackups(spec), "backup")
            .or(() -> fault(BackupSchedule.ofVerifications(spec), "verification"));
    if (fault.isPresent()) {
      return new ArchiveState(false, Reason.SPEC_NOT_UNDERSTOOD, fault.get());
    }
    return findings
        .map(found -> of(snapshot, found, now))
        .orElseGet(() -> starting("The operator has no session with the server yet."));
  }

  private static Optional<String> fault(BackupSchedule schedule, String what) {
    return schedule.fault().map(why -> "%s No %s is scheduled.".formatted(why, what));
  }

  private static ArchiveState of(Snapshot snapshot, ArchiveFindings found, Instant now) {
    if (found.needsRestart()) {
      return new ArchiveState(
          false,
          Reason.RESTART_REQUIRED,
          "The server was started by an earlier version of the operator, which had no role for"
              + " backups. Restart it at a good moment: %s"
                  .formatted(KubectlCommand.annotateWithDate(snapshot.instance(), Labels.RESTART)));
    }
    if (found.rejection().isPresent()) {
      return stopped(
          "PostgreSQL rejects the role %s: %s"
              .formatted(Names.BACKUP_ROLE, found.rejection().get()));
    }
    return found
        .report()
        .map(report -> of(snapshot, report, found.keptPercent(), now))
        .orElseGet(() -> withoutSession(snapshot, found, now));
  }

  private static ArchiveState withoutSession(
      Snapshot snapshot, ArchiveFindings found, Instant now) {
    String pod = Names.backupPod(snapshot.instance());
    Optional<Pod> present = snapshot.get(ObjectKey.BACKUP_POD);
    Optional<String> trouble = present.flatMap(HelperTrouble::of);
    if (trouble.isEmpty()
        && present.filter(started -> isOlderThan(USUAL_START, started, now)).isEmpty()) {
      return starting("Pod %s is starting.".formatted(pod));
    }
    return stopped(
        "Pod %s does not archive the write-ahead log: %s%s See %s"
            .formatted(
                pod,
                trouble.orElse("it has no session with the server."),
                kept(found.keptPercent()),
                KubectlCommand.describe(snapshot.instance(), "pod", pod)));
  }

  private static boolean isOlderThan(Duration age, Pod pod, Instant now) {
    return Backup.instant(pod.getMetadata().getCreationTimestamp())
        .filter(created -> created.plus(age).isBefore(now))
        .isPresent();
  }

  private static ArchiveState of(
      Snapshot snapshot, ShipperReport report, int keptPercent, Instant now) {
    if (report.problem() != null) {
      String message =
          sentence(String.valueOf(report.message())) + remedy(snapshot, report) + kept(keptPercent);
      return keptPercent >= NEARLY_USED_UP
          ? new ArchiveState(false, Reason.WAL_SPACE_LOW, message)
          : new ArchiveState(false, Reason.STORE_UNAVAILABLE, message);
    }
    if (report.lineage() == null || report.recoverableUntil().isEmpty()) {
      return starting("The backup pod is connected and has uploaded nothing yet.");
    }
    Instant until = report.recoverableUntil().get();
    if (until.plus(USUAL_LAG).isBefore(now)) {
      return stopped(
          "Everything that was committed before %s is in the store, but nothing after it.%s"
              .formatted(until, kept(keptPercent)));
    }
    return of(snapshot, report, LastVerification.of(snapshot, now));
  }

  private static ArchiveState of(
      Snapshot snapshot, ShipperReport report, Optional<VerificationStatus> verification) {
    List<Backup> backups = Backup.of(snapshot);
    Optional<Backup> last =
        backups.stream().filter(Backup::isFinal).reduce((first, second) -> second);
    if (last.filter(Backup::hasFailed).isPresent()) {
      return new ArchiveState(
          false,
          Reason.BACKUP_FAILED,
          "The last base backup, PostgresBackup %s, has failed: %s"
              .formatted(last.get().name(), last.get().message()));
    }
    if (backups.stream().noneMatch(backup -> backup.isCompleteIn(report.lineage()))) {
      return starting(
          "The write-ahead log is in the store. It can be recovered once the first base backup is"
              + " complete."
              + gap(report));
    }
    if (verification.filter(v -> Boolean.FALSE.equals(v.succeeded())).isPresent()) {
      return unverified(snapshot.instance(), verification.get());
    }
    return new ArchiveState(
        true,
        Reason.ARCHIVING,
        "Everything that is committed is in the store soon after. The last base backup is"
            + " PostgresBackup %s.%s".formatted(last.map(Backup::name).orElseThrow(), gap(report)));
  }

  private static ArchiveState unverified(
      PostgresInstance instance, VerificationStatus verification) {
    String why = verification.message();
    return new ArchiveState(
        false,
        Reason.VERIFICATION_FAILED,
        "The verification of PostgresBackup %s failed at %s: %s%s When the cause is solved, create another PostgresBackup if this one is damaged, and verify the newest one: %s"
            .formatted(
                verification.backup(),
                verification.time(),
                why,
                why.endsWith(".") ? "" : ".",
                KubectlCommand.annotateWithDate(instance, Labels.VERIFY_BACKUP)));
  }

  private static String gap(ShipperReport report) {
    return report.gap() == null
        ? ""
        : " The archive has a gap before %s: %s".formatted(report.since(), report.gap());
  }

  private static String sentence(String text) {
    return text.endsWith(".") ? text : text + ".";
  }

  private static String remedy(Snapshot snapshot, ShipperReport report) {
    return STORE_FULL.equals(report.problem())
            && snapshot.instance().getSpec().backup().store().volume() != null
        ? " Raise spec.backup.store.volume.size."
        : "";
  }

  private static String kept(int percent) {
    return percent == 0
        ? ""
        : (" Meanwhile the server keeps the write-ahead log; %d%% of what max_slot_wal_keep_size"
                + " allows is used.")
            .formatted(percent);
  }

  private static ArchiveState starting(String message) {
    return new ArchiveState(false, Reason.ARCHIVE_STARTING, message);
  }

  private static ArchiveState stopped(String message) {
    return new ArchiveState(false, Reason.ARCHIVE_STOPPED, message);
  }
}
