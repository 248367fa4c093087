package dev.postgresinstance.operator.feature.backup.job;

import static dev.postgresinstance.operator.feature.backup.job.BackupStories.LINEAGE;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.NOW;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.RESULT;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.ended;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.facts;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.instance;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.requested;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.run;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresBackupStatus;
import dev.postgresinstance.api.v1alpha1.VerificationStatus;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Fail;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Nothing;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Run;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Wait;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.EventMessage;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackupReportTest {

  @Test
  void reportsACompleteBackup() {
    // When
    PostgresBackupStatus status =
        status(facts(requested(), run(ended("Complete"), succeeded(RESULT))).decide(NOW));

    // Then
    assertThat(condition(status).getStatus()).isEqualTo("True");
    assertThat(condition(status).getReason()).isEqualTo("BackupCompleted");
    assertThat(condition(status).getMessage())
        .isEqualTo(
            "The backup and the write-ahead log up to its end are in the store: 1228Mi of data, stored in 1Mi.");
    assertThat(status.observedGeneration()).isEqualTo(1);
    assertThat(status.startedAt()).isEqualTo("2026-11-28T03:00:05Z");
    assertThat(status.completedAt()).isEqualTo("2026-11-28T03:00:00Z");
    assertThat(status.startLsn()).isEqualTo("0/3000028");
    assertThat(status.stopLsn()).isEqualTo("0/3000158");
    assertThat(status.timeline()).isEqualTo(1);
    assertThat(status.version()).isEqualTo("17.12");
    assertThat(status.size()).hasToString("1228Mi");
    assertThat(status.storedSize()).hasToString("1Mi");
    assertThat(status.archiveName()).isEqualTo("20261128-030000");
    assertThat(status.archiveSize()).hasToString("1300Mi");
    assertThat(status.archive().instanceId()).isEqualTo(Snapshots.UID);
    assertThat(status.archive().lineage()).isEqualTo(LINEAGE);
    assertThat(status.archive().store().s3().bucket()).isEqualTo("backups");
  }

  @Test
  void reportsThatOlderBackupsAreStillThere() {
    // Given
    String result =
        RESULT.replace(
            ",\"deleted\":[\"20261101-030000\"]", ",\"retentionProblem\":\"Access denied\"");

    // When
    PostgresBackupStatus status =
        status(facts(requested(), run(ended("Complete"), succeeded(result))).decide(NOW));

    // Then
    assertThat(condition(status).getStatus()).isEqualTo("True");
    assertThat(condition(status).getMessage())
        .endsWith("Older backups could not be deleted: Access denied");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0Mi",
    "1, 1Mi",
    "1048576, 1Mi",
    "1048577, 2Mi",
    "10737418239, 10240Mi",
    "10737418240, 10Gi",
    "10737418241, 11Gi"
  })
  void roundsSizesUp(long bytes, String size) {
    assertThat(BackupReport.rounded(bytes)).hasToString(size);
  }

  @Test
  void reportsWhatABackupWaitsFor() {
    // When
    PostgresBackupStatus status = status(new Wait("It waits."));

    // Then
    assertThat(condition(status).getStatus()).isEqualTo("False");
    assertThat(condition(status).getReason()).isEqualTo("BackupPending");
    assertThat(condition(status).getMessage()).isEqualTo("It waits.");
    assertThat(status.archive()).isNull();
  }

  /** A reconciliation after the start must not write the status again. */
  @Test
  void reportsTheSameForAJobThatWasCreatedAndForOneThatRuns() {
    // When
    BackupDecision start = facts(requested(), instance()).decide(NOW);
    BackupDecision next = facts(requested(), run(BackupStories.job())).decide(NOW);

    // Then
    assertThat(status(start)).isEqualTo(status(next));
    assertThat(condition(status(start)).getReason()).isEqualTo("BackupRunning");
  }

  @Test
  void keepsTheTransitionTimeWhileTheStatusStays() {
    // Given
    PostgresBackup waiting = BackupStories.with(requested(), new Wait("It waits."));
    Instant later = NOW.plusSeconds(60);

    // When
    var failed = BackupReport.status(waiting, new Fail("Why.", Optional.empty()), later);
    var complete =
        BackupReport.status(
            waiting,
            facts(requested(), run(ended("Complete"), succeeded(RESULT))).decide(NOW),
            later);

    // Then
    assertThat(condition(failed.orElseThrow()).getLastTransitionTime()).isEqualTo(NOW.toString());
    assertThat(condition(complete.orElseThrow()).getLastTransitionTime())
        .isEqualTo(later.toString());
  }

  @Test
  void abbreviatesALongMessage() {
    // Then
    assertThat(condition(status(new Run("x".repeat(3_000)))).getMessage())
        .hasSize(2_000)
        .endsWith("…");
  }

  @Test
  void leavesTheStatusWhenThereIsNothingToDo() {
    assertThat(BackupReport.status(requested(), new Nothing(), NOW)).isEmpty();
  }

  @Test
  void verificationOfTheInstanceIsThatOfItsBackup() {
    // Given
    PostgresBackup complete = BackupStories.complete("old", "20261101-030000", NOW);

    // Then
    assertThat(BackupReport.verified(complete, verification(Snapshots.UID, "old", true)))
        .hasValueSatisfying(
            status -> {
              assertThat(status.verifiedTime()).isEqualTo("2026-11-29T05:00:00Z");
              assertThat(status.archive()).isEqualTo(complete.getStatus().archive());
            });
    assertThat(BackupReport.verified(complete, verification(Snapshots.UID, "old", false)))
        .isEmpty();
    assertThat(BackupReport.verified(complete, verification(Snapshots.UID, "new", true))).isEmpty();
    assertThat(BackupReport.verified(complete, verification("of-a-former-one", "old", true)))
        .isEmpty();
    assertThat(BackupReport.verified(complete, Optional.empty())).isEmpty();
  }

  private static Optional<BackupStatus> verification(
      String instanceId, String backup, boolean succeeded) {
    VerificationStatus last =
        new VerificationStatus(
            backup, null, "2026-11-29T05:00:00Z", succeeded, null, null, null, "", null);
    return Optional.of(
        new BackupStatus(instanceId, null, null, null, null, null, last, null, null, null, null));
  }

  @Test
  void endOfABackupIsAnEvent() {
    assertThat(BackupReport.event(status(new Fail("Why.", Optional.empty()))))
        .contains(new EventMessage(true, "BackupFailed", "Why."));
    assertThat(
            BackupReport.event(
                status(facts(requested(), run(ended("Complete"), succeeded(RESULT))).decide(NOW))))
        .map(EventMessage::reason)
        .contains("BackupCompleted");
    assertThat(BackupReport.event(status(new Wait("It waits.")))).isEmpty();
    assertThat(BackupReport.event(status(new Run("It runs.")))).isEmpty();
  }

  private static PostgresBackupStatus status(BackupDecision decision) {
    return BackupReport.status(requested(), decision, NOW).orElseThrow();
  }

  private static Condition condition(PostgresBackupStatus status) {
    return status.condition("Complete").orElseThrow();
  }
}
