package dev.postgresinstance.operator.feature.backup.job;

import static dev.postgresinstance.operator.feature.backup.job.BackupStories.LINEAGE;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.NOW;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.facts;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.instance;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.requested;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.withArchive;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Fail;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Run;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Start;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision.Wait;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackupObstaclesTest {

  @Test
  void waitsForTheInstance() {
    // When
    BackupDecision decision =
        new BackupFacts(
                requested(), Optional.empty(), Optional.empty(), List.of(), Optional.of("image"))
            .decide(NOW);

    // Then
    assertThat(decision)
        .isEqualTo(
            new Wait(
                "There is no PostgresInstance orders in the namespace shop. The backup starts when there is one."));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | PostgresInstance orders has no spec.backup.",
        "{backup: {store: {s3: {bucket: backups}}}, suspend: true} | No server runs because spec.suspend of PostgresInstance orders is true."
      })
  void waitsForTheSpec(String spec, String message) {
    // When
    BackupDecision decision = facts(requested(), instance(spec)).decide(NOW);

    // Then
    assertThat(message(decision)).startsWith(message);
  }

  @Test
  void waitsForTheImageOfTheOperator() {
    // Given
    BackupFacts facts = facts(requested(), instance());

    // When
    BackupDecision decision =
        new BackupFacts(
                facts.backup(), facts.snapshot(), facts.run(), facts.siblings(), Optional.empty())
            .decide(NOW);

    // Then
    assertThat(message(decision)).contains("Set the variable OPERATOR_IMAGE of the operator");
  }

  @ParameterizedTest
  @CsvSource({
    "'', False, ArchiveStarting",
    LINEAGE + ", False, StoreUnavailable",
    LINEAGE + ", False, ArchiveStopped",
    LINEAGE + ", False, WalSpaceLow",
    LINEAGE + ", Unknown, Starting"
  })
  void waitsForTheArchive(String lineage, String ready, String reason) {
    // Given
    Snapshot snapshot = withArchive(instance(), lineage, "\"%s\"".formatted(ready), reason);

    // When
    BackupDecision decision = facts(requested(), snapshot).decide(NOW);

    // Then
    assertThat(message(decision))
        .isEqualTo(
            "The backup starts when the write-ahead log of the instance reaches the store."
                + " BackupReady of the instance says: The archive says so.");
  }

  @ParameterizedTest
  @CsvSource({"False, ArchiveStarting", "False, BackupFailed", "True, Archiving"})
  void startsWhileTheArchiveReceives(String ready, String reason) {
    // Given
    Snapshot snapshot = withArchive(instance(), LINEAGE, "\"%s\"".formatted(ready), reason);

    // Then
    assertThat(facts(requested(), snapshot).decide(NOW)).isInstanceOf(Start.class);
  }

  @Test
  void waitsUntilAChangeOfTheInstanceIsApplied() {
    // Given
    Snapshot changed = Snapshots.withSpec(instance(), "backup: {store: {s3: {bucket: elsewhere}}}");

    // Then
    assertThat(message(facts(requested(), changed).decide(NOW)))
        .startsWith("The operator has not applied the last change of the instance yet.");
  }

  @Test
  void waitsForTheServer() {
    // Given
    Snapshot stopping =
        Snapshots.with(instance(), Pods.terminating(Pods.started(Snapshots.of("{}"))));

    // Then
    assertThat(message(facts(requested(), stopping).decide(NOW)))
        .isEqualTo("The server of the instance does not run. The backup starts when it does.");
  }

  @Test
  void waitsForAnOlderBackup() {
    // Given
    PostgresBackup older = requested("weekly", NOW.minusSeconds(1));
    PostgresBackup younger = requested("adhoc", NOW.plusSeconds(1));

    // Then
    assertThat(message(facts(requested(), instance(), older, younger).decide(NOW)))
        .isEqualTo("The backup starts after PostgresBackup weekly of the same instance.");
    assertThat(facts(older, instance(), requested(), younger).decide(NOW))
        .isInstanceOf(Start.class);
  }

  @Test
  void decidesByNameBetweenBackupsOfTheSameSecond() {
    // Given
    PostgresBackup first = requested("a", NOW);
    PostgresBackup second = requested("b", NOW);

    // Then
    assertThat(facts(first, instance(), second).decide(NOW)).isInstanceOf(Start.class);
    assertThat(facts(second, instance(), first).decide(NOW)).isInstanceOf(Wait.class);
  }

  @Test
  void waitsForAYoungerBackupThatRunsAlready() {
    // Given
    PostgresBackup younger =
        BackupStories.with(requested("adhoc", NOW.plusSeconds(1)), new Run("It runs."));

    // Then
    assertThat(message(facts(requested(), instance(), younger).decide(NOW)))
        .isEqualTo("The backup starts after PostgresBackup adhoc of the same instance.");
  }

  @Test
  void doesNotWaitForABackupThatHasEndedOrIsBeingDeleted() {
    // Given
    PostgresBackup failed =
        BackupStories.with(
            requested("weekly", NOW.minusSeconds(1)), new Fail("Why.", Optional.empty()));
    PostgresBackup deleted = requested("monthly", NOW.minusSeconds(2));
    deleted.getMetadata().setDeletionTimestamp(NOW.toString());

    // Then
    assertThat(facts(requested(), instance(), failed, deleted).decide(NOW))
        .isInstanceOf(Start.class);
  }

  private static String message(BackupDecision decision) {
    return decision instanceof Wait(String message) ? message : decision.toString();
  }
}
