package dev.postgresinstance.operator.feature.backup.job;

import static dev.postgresinstance.operator.feature.backup.job.BackupStories.NOW;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.RESULT;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.ended;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.facts;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.instance;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.job;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.pod;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.requested;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.run;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.running;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.runs;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.succeeded;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.waits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Complete;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Fail;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Nothing;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Run;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Start;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Wait;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackupFactsTest {

  private static final String REMEDY =
      " When the cause is solved, create another PostgresBackup, or wait for the next one of the schedule.";

  @Test
  void startsTheJobWithTheImageOfTheServer() {
    // When
    BackupDecision decision = facts(requested(), instance()).decide(NOW);

    // Then
    assertThat(decision)
        .asInstanceOf(type(Start.class))
        .extracting(
            start ->
                start.job().getSpec().getTemplate().getSpec().getContainers().getFirst().getImage())
        .isEqualTo("postgres:17.12-trixie");
  }

  @ParameterizedTest
  @ValueSource(strings = {"True", "False"})
  void leavesAFinalBackupAlone(String complete) {
    // Given
    BackupDecision last =
        complete.equals("True")
            ? facts(requested(), run(ended("Complete"), succeeded(RESULT))).decide(NOW)
            : new Fail("It failed.", Optional.empty());
    PostgresBackup backup = BackupStories.with(requested(), last);

    // Then: not even with a Job that tells something else
    assertThat(facts(backup, run(ended("Failed"))).decide(NOW)).isEqualTo(new Nothing());
    assertThat(facts(backup, instance()).decide(NOW)).isEqualTo(new Nothing());
  }

  @Test
  void startsNothingForABackupThatIsBeingDeleted() {
    // Given
    PostgresBackup backup = requested();
    backup.getMetadata().setDeletionTimestamp(NOW.toString());

    // Then
    assertThat(facts(backup, instance()).decide(NOW)).isEqualTo(new Nothing());
  }

  @Test
  void reportsThatTheJobRuns() {
    // Given
    BackupFacts facts =
        facts(
            requested(), run(job(), pod("nightly-1", "Running", runs("postgres"), runs("upload"))));

    // Then
    assertThat(facts.decide(NOW))
        .isEqualTo(
            new Run(
                "Job nightly makes the backup; kubectl logs -n shop job/nightly -c upload shows its progress."));
  }

  @Test
  void reportsWhyThePodCannotRunAndWhatHappenedBefore() {
    // Given
    BackupFacts facts =
        facts(
            requested(),
            run(
                job(),
                pod(
                    "nightly-1",
                    "Failed",
                    ended("upload", 1, "Error", failure("The bucket is gone"))),
                pod("nightly-2", "Pending", waits("upload", "ImagePullBackOff", "not found"))));

    // Then
    assertThat(facts.decide(NOW))
        .isEqualTo(
            new Run(
                "An attempt has failed, and the Job repeats it: The bucket is gone. The node cannot pull the image operator:1: not found"));
  }

  @Test
  void reportsTheResult() {
    // When
    BackupDecision decision =
        facts(requested(), run(ended("Complete"), succeeded(RESULT))).decide(NOW);

    // Then
    assertThat(decision)
        .asInstanceOf(type(Complete.class))
        .satisfies(
            complete -> {
              assertThat(complete.result().name()).isEqualTo("20261128-030000");
              assertThat(complete.completedAt()).isEqualTo(NOW);
              assertThat(complete.archive().orElseThrow().instanceId()).isEqualTo(Snapshots.UID);
              assertThat(complete.archive().orElseThrow().store().s3().bucket())
                  .isEqualTo("backups");
            });
  }

  @Test
  void namesTheParentOfAnIncrementalBackup() {
    // Given
    PostgresBackup parent = BackupStories.complete("sunday", "20261127-030000", NOW);
    String incremental =
        RESULT.replace("\"deleted\"", "\"parent\":\"20261127-030000\",\"deleted\"");

    // When
    BackupDecision decision =
        facts(requested(), run(ended("Complete"), succeeded(incremental)), parent).decide(NOW);
    BackupDecision unknown =
        facts(requested(), run(ended("Complete"), succeeded(incremental))).decide(NOW);

    // Then
    assertThat(BackupReport.status(requested(), decision, NOW).orElseThrow())
        .satisfies(
            status -> {
              assertThat(status.parent()).isEqualTo("sunday");
              assertThat(status.conditions().getFirst().getMessage())
                  .contains("that has changed since sunday, stored in");
            });
    assertThat(BackupReport.status(requested(), unknown, NOW).orElseThrow().parent())
        .isEqualTo("20261127-030000");
  }

  @Test
  void deletesWhatTheRetentionHasDeletedFromTheSameArchive() {
    // Given
    PostgresBackup old = BackupStories.complete("old", "20261101-030000", NOW);
    PostgresBackup recent = BackupStories.complete("recent", "20261127-030000", NOW);
    PostgresBackup failed =
        BackupStories.with(requested("failed", NOW), new Fail("Why.", Optional.empty()));
    PostgresBackup elsewhere =
        BackupStories.with(
            requested("elsewhere", NOW),
            new Complete(
                BackupResults.of(BackupStories.result("20261101-030000")).orElseThrow(),
                Optional.empty(),
                NOW,
                Optional.empty(),
                List.of()));

    // When
    BackupDecision decision =
        facts(
                requested(),
                run(ended("Complete"), succeeded(RESULT)),
                old,
                recent,
                failed,
                elsewhere)
            .decide(NOW);

    // Then
    assertThat(decision)
        .asInstanceOf(type(Complete.class))
        .satisfies(complete -> assertThat(complete.outdated()).containsExactly(old));
  }

  @Test
  void waitsForTheResultUntilTheCacheHasThePod() {
    // Given
    BackupFacts facts = facts(requested(), run(ended("Complete")));

    // Then
    assertThat(facts.decide(NOW.plusSeconds(29))).isInstanceOf(Run.class);
    assertThat(facts.decide(NOW.plusSeconds(31)))
        .asInstanceOf(type(Fail.class))
        .extracting(Fail::message)
        .asString()
        .startsWith("Job nightly is complete, but has left no result that the operator can read.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "done", "{", "{\"name\":\"20261128-030000\"}"})
  void failsWithoutAReadableResult(String result) {
    // When
    BackupDecision decision =
        facts(requested(), run(ended("Complete"), succeeded(result))).decide(NOW);

    // Then
    assertThat(decision).isInstanceOf(Fail.class);
  }

  @Test
  void failsWithTheMessageOfTheLastAttempt() {
    // Given
    BackupFacts facts =
        facts(
            running(),
            run(
                ended("Failed"),
                pod("nightly-1", "Failed", ended("upload", 1, "Error", failure("First"))),
                pod(
                    "nightly-2",
                    "Failed",
                    ended("upload", 1, "Error", failure("Access denied.")))));

    // Then
    assertThat(facts.decide(NOW)).isEqualTo(new Fail("Access denied." + REMEDY, Optional.empty()));
  }

  @Test
  void failsWhenTheJobHasFailedWithoutAPod() {
    // Given
    BackupFacts facts = facts(running(), run(ended("Failed")));

    // Then
    assertThat(facts.decide(NOW))
        .isEqualTo(
            new Fail(
                "Job nightly has failed; kubectl describe -n shop job nightly may show why."
                    + REMEDY,
                Optional.empty()));
  }

  @Test
  void endsAJobWhoseContainersWaitForEachOtherForEver() {
    // Given
    Job job = job();
    BackupFacts facts =
        facts(
            running(),
            run(
                job,
                pod(
                    "nightly-1",
                    "Running",
                    runs("postgres"),
                    ended("upload", 137, "OOMKilled", ""))));

    // Then
    assertThat(facts.decide(NOW.plus(Duration.ofMinutes(4)))).isInstanceOf(Run.class);
    assertThat(facts.decide(NOW.plus(Duration.ofMinutes(6))))
        .isEqualTo(
            new Fail(
                "Container upload was killed because it used more memory than its limit." + REMEDY,
                Optional.of(job)));
  }

  @Test
  void failsWhenSomebodyDeletesTheJob() {
    // Given
    Fail failure =
        new Fail(
            "Job nightly was deleted before the backup was complete." + REMEDY, Optional.empty());
    Job terminating =
        new JobBuilder(job())
            .editMetadata()
            .withDeletionTimestamp(NOW.toString())
            .endMetadata()
            .build();

    // Then
    assertThat(facts(running(), instance()).decide(NOW)).isEqualTo(failure);
    assertThat(facts(running(), run(terminating)).decide(NOW)).isEqualTo(failure);
  }

  @Test
  void waitsForTheEndOfTheJobOfAFormerBackup() {
    // Given
    Job job = job();
    job.getMetadata().getOwnerReferences().getFirst().setUid("another");

    // Then
    assertThat(facts(requested(), run(job)).decide(NOW))
        .asInstanceOf(type(Wait.class))
        .extracting(Wait::message)
        .asString()
        .startsWith("Job nightly of an earlier PostgresBackup of this name is being deleted.");
  }

  @Test
  void failsWhenSomebodyElseHasAJobOfThisName() {
    // Given
    Job job = new JobBuilder(job()).editMetadata().withOwnerReferences().endMetadata().build();

    // Then
    assertThat(facts(requested(), run(job)).decide(NOW))
        .isEqualTo(
            new Fail(
                "Job nightly exists and does not belong to this PostgresBackup. Create a PostgresBackup with another name.",
                Optional.empty()));
  }

  @Test
  void reportsTheResultOfAnInstanceThatIsGone() {
    // Given
    BackupFacts facts = facts(running(), run(ended("Complete"), succeeded(RESULT)));

    // When
    BackupDecision decision =
        new BackupFacts(
                facts.backup(),
                Optional.empty(),
                facts.run(),
                facts.siblings(),
                facts.operatorImage())
            .decide(NOW);

    // Then
    assertThat(decision).isInstanceOf(Complete.class);
  }

  private static String failure(String message) {
    return "{\"reason\":\"AccessDenied\",\"message\":\"%s\"}".formatted(message);
  }
}
