package dev.postgresinstance.operator.archive;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.RestorePlan.Possible;
import dev.postgresinstance.operator.archive.RestoreTarget.Latest;
import dev.postgresinstance.operator.archive.RestoreTarget.Time;
import dev.postgresinstance.operator.archive.store.InMemoryStore.Operation;
import dev.postgresinstance.operator.archive.store.StoreException;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetentionTest {

  private static final Instant BEGIN = Instant.parse("2026-11-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);
  private static final Retention WEEK = new Retention(DAY.multipliedBy(7), 1);

  private TestArchive archive;

  @BeforeEach
  void begin() throws StoreException {
    archive = new TestArchive(BEGIN);
  }

  /** Backups of 30 minutes each day, and one segment each hour. */
  @Test
  void everyMomentOfTheWindowStaysPossibleForSixtyDays() throws StoreException {
    Instant firstPossible = null;
    for (int day = 1; day <= 60; day++) {
      BackupRecord backup = archive.backup();
      firstPossible = firstPossible == null ? backup.stoppedAt() : firstPossible;
      archive.run(DAY.minus(Duration.ofMinutes(30)));

      // When
      plan(WEEK).execute(archive.store());

      // Then
      Instant windowStart = archive.now().minus(WEEK.window());
      assertAllPossible(firstPossible.isAfter(windowStart) ? firstPossible : windowStart);
      int backups = archive.catalogue().lineages().getFirst().backups().size();
      assertThat(backups).isEqualTo(Math.min(day, 8));
    }
    assertThat(archive.catalogue().lineages().getFirst().wal().complete()).hasSize(8 * 24);
  }

  /** On day 20 the slot is lost for an hour, and the next backup follows a day later. */
  @Test
  void everyMomentOfBothLineagesStaysPossible() throws StoreException {
    String first = archive.lineage();
    Instant lost = null;
    Instant again = null;
    for (int day = 1; day <= 40; day++) {
      if (day == 20) {
        lost = archive.now();
        archive.pause(Duration.ofHours(1));
        archive.newLineage();
        archive.run(DAY);
      }
      BackupRecord backup = archive.backup();
      again = day == 20 ? backup.stoppedAt() : again;
      archive.run(DAY.minus(Duration.ofMinutes(30)));

      // When
      plan(WEEK).execute(archive.store());

      // Then
      Instant windowStart = archive.now().minus(WEEK.window());
      if (day > 20 && windowStart.isBefore(lost)) {
        assertPossible(windowStart);
        assertPossible(lost);
        assertAllPossible(again);
      } else if (day > 20) {
        assertAllPossible(windowStart.isBefore(again) ? again : windowStart);
        assertThat(archive.store().keys()).noneMatch(key -> key.contains(first));
      }
    }
    assertThat(archive.catalogue().lineages()).hasSize(1);
  }

  @Test
  void minimumOfBackupsStaysWhateverItsAge() throws StoreException {
    // Given
    List<BackupRecord> backups = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      backups.add(archive.backup());
    }
    archive.run(DAY.multipliedBy(30));

    // When
    RetentionPlan plan = plan(new Retention(DAY, 3));

    // Then
    assertThat(plan.backups()).containsExactlyElementsOf(backups.subList(0, 2));
  }

  /** But not the log after it: it would grow for ever if nobody verified again. */
  @Test
  void lastVerifiedBackupStaysWithTheLogUpToItsEnd() throws StoreException {
    // Given
    BackupRecord verifiedBefore = archive.backup();
    archive.verify(verifiedBefore);
    BackupRecord verified = archive.backup();
    archive.verify(verified);
    archive.run(DAY.multipliedBy(30));
    BackupRecord newest = archive.backup();
    archive.run(DAY.multipliedBy(8));

    // When
    plan(WEEK).execute(archive.store());

    // Then
    ArchivedLineage lineage = archive.catalogue().lineages().getFirst();
    assertThat(lineage.backups()).containsExactly(verified, newest);
    assertThat(archive.store().keys()).noneMatch(key -> key.contains(verifiedBefore.name()));
    assertThat(lineage.wal().complete())
        .filteredOn(segment -> newest.startLsn().isAtLeast(segment.next().start()))
        .containsExactlyInAnyOrder(
            WalSegment.containing(verified.startLsn(), 1, 16 << 20),
            WalSegment.before(verified.stopLsn(), 1, 16 << 20));
    assertThat(
            RestorePlanner.plan(
                archive.catalogue(),
                new RestoreTarget.EndOfBackup(verified.name()),
                Optional.empty()))
        .isInstanceOf(Possible.class);
    assertPossible(archive.now());
    assertThat(
            RestorePlanner.plan(
                archive.catalogue(), new Time(newest.startedAt()), Optional.empty()))
        .isInstanceOf(RestorePlan.Refused.class);
  }

  @Test
  void lastVerifiedBackupOfAnEarlierLineageStays() throws StoreException {
    // Given
    BackupRecord verified = archive.backup();
    archive.verify(verified);
    archive.run(DAY);
    archive.newLineage();
    archive.run(DAY);
    BackupRecord newest = archive.backup();
    archive.run(DAY.multipliedBy(30));

    // When
    plan(WEEK).execute(archive.store());

    // Then
    assertThat(archive.catalogue().lineages().getFirst().backups()).containsExactly(verified);
    assertThat(archive.catalogue().lineages().getFirst().wal().complete()).hasSize(1);

    // When
    archive.verify(newest);
    plan(WEEK).execute(archive.store());

    // Then
    assertThat(archive.catalogue().lineages()).hasSize(1);
    assertThat(archive.store().keys()).noneMatch(key -> key.contains(verified.lineage()));
  }

  @Test
  void lastBackupOfAnInstanceThatNoLongerRunsStays() throws StoreException {
    // Given
    archive.backup();
    BackupRecord last = archive.backup();
    archive.pause(DAY.multipliedBy(100));

    // When
    plan(new Retention(DAY, 0)).execute(archive.store());

    // Then
    assertThat(archive.catalogue().lineages().getFirst().backups()).containsExactly(last);
    assertPossible(last.stoppedAt());
  }

  @Test
  void parentOfAKeptBackupStays() throws StoreException {
    // Given
    BackupRecord unneeded = archive.backup();
    BackupRecord parent = archive.backup();
    BackupRecord child = archive.backup(parent.name());
    archive.backup(child.name());
    archive.run(DAY.multipliedBy(30));

    // When
    RetentionPlan plan = plan(new Retention(DAY, 1));

    // Then
    assertThat(plan.backups()).containsExactly(unneeded);
    plan.execute(archive.store());
    assertThat(archive.catalogue().lineages().getFirst().wal().complete())
        .contains(archive.segmentAt(parent.startedAt()));
  }

  @Test
  void logWaitsForTheFirstBackup() throws StoreException {
    // Given
    archive.run(DAY.multipliedBy(30));

    // Then
    assertThat(plan(WEEK).steps()).isEmpty();
  }

  @Test
  void nothingIsDeletedFromAnUnknownCurrentLineage() throws StoreException {
    // Given
    archive.run(DAY);

    // Then
    assertThat(WEEK.plan(archive.catalogue(), "unknown", archive.now()).steps()).isEmpty();
  }

  @Test
  void partsOfSegmentsThatAreCompleteOrNotNeededAreDeleted() throws StoreException {
    // Given
    archive.run(Duration.ofHours(3));
    archive.backup();
    archive.run(Duration.ofHours(3));
    Catalogue before = archive.catalogue();
    WalFiles wal = before.lineages().getFirst().wal();
    String complete = part(wal.complete().iterator().next());
    String filled = part(wal.partial().iterator().next());
    archive.store().put(complete, new byte[0]);
    archive.store().put(filled, new byte[0]);

    // When
    new Retention(Duration.ofDays(1), 1)
        .plan(archive.catalogue(), archive.lineage(), archive.now())
        .execute(archive.store());

    // Then
    assertThat(archive.store().keys()).doesNotContain(complete).contains(filled);
  }

  private String part(WalSegment segment) {
    return ArchiveLayout.wal(
        TestArchive.INSTANCE, archive.lineage(), ArchiveLayout.part(new WalPart(segment, 0x1770)));
  }

  @Test
  void partialSegmentIsDeletedOnceItIsComplete() throws StoreException {
    // Given
    archive.backup();
    archive.run(Duration.ofHours(3));
    String name = archive.segmentAt(archive.now()).previous().name();
    String left = ArchiveLayout.partialWal(TestArchive.INSTANCE, archive.lineage(), name);
    archive.store().put(left, new byte[0]);

    // Then
    assertThat(plan(WEEK).steps()).containsExactly(List.of(left));
  }

  @Test
  void failedBackupIsDeletedAfterADay() throws StoreException {
    // Given
    archive.backup();
    String failed = archive.failedBackup();
    archive.run(DAY);

    // Then
    assertThat(plan(WEEK).steps()).isEmpty();
    archive.run(Duration.ofMinutes(1));
    assertThat(plan(WEEK).steps())
        .containsExactly(
            List.of(ArchiveLayout.base(TestArchive.INSTANCE, archive.lineage(), failed)));
  }

  @Test
  void lineageOfABackupInProgressStays() throws StoreException {
    // Given
    String first = archive.lineage();
    archive.failedBackup();
    archive.pause(Duration.ofHours(1));
    archive.newLineage();

    // Then
    assertThat(plan(WEEK).steps()).isEmpty();
    archive.pause(DAY);
    plan(WEEK).execute(archive.store());
    assertThat(archive.store().keys()).noneMatch(key -> key.contains(first));
  }

  @Test
  void unwantedBackupGoesWithTheLogThatOnlyItNeeds() throws StoreException {
    // Given
    BackupRecord first = archive.backup();
    archive.run(DAY);
    BackupRecord second = archive.backup();
    archive.run(DAY);
    BackupRecord third = archive.backup();
    archive.run(DAY);

    // When
    without(second).execute(archive.store());

    // Then
    assertAllPossible(first.stoppedAt());
    assertThat(archive.catalogue().lineages().getFirst().backups()).containsExactly(first, third);
    assertThat(archive.store().keys()).noneMatch(key -> key.contains(second.name() + "/"));

    // When
    without(first).execute(archive.store());

    // Then
    assertAllPossible(third.stoppedAt());
    assertThat(archive.catalogue().lineages().getFirst().wal().complete())
        .doesNotContain(archive.segmentAt(second.stoppedAt()))
        .contains(archive.segmentAt(third.startedAt()));
  }

  @Test
  void unwantedBackupThatAnotherNeedsStays() throws StoreException {
    // Given
    BackupRecord parent = archive.backup();
    BackupRecord child = archive.backup(parent.name());
    archive.backup();

    // Then
    assertThat(without(parent).steps()).isEmpty();
    assertThat(without(parent, child).backups()).containsExactly(parent, child);
  }

  @Test
  void lastBackupStaysAlthoughItIsUnwanted() throws StoreException {
    // Given
    BackupRecord first = archive.backup();
    BackupRecord last = archive.backup();
    archive.run(DAY);

    // Then
    assertThat(without(first, last).backups()).containsExactly(first);

    // When
    archive.newLineage();
    BackupRecord ofNext = archive.backup();

    // Then
    assertThat(without(first, last, ofNext).backups()).containsExactly(first, last);
  }

  @Test
  void remainderOfAnInterruptedDeletionGoesAtOnce() throws StoreException {
    // Given
    archive.backup();
    BackupRecord second = archive.backup();
    String record =
        ArchiveLayout.backupRecord(TestArchive.INSTANCE, archive.lineage(), second.name());
    archive.store().delete(List.of(record));

    // When
    without(second).execute(archive.store());

    // Then
    assertThat(archive.store().keys()).noneMatch(key -> key.contains(second.name() + "/"));
  }

  private RetentionPlan without(BackupRecord... unwanted) throws StoreException {
    Set<String> names = Stream.of(unwanted).map(BackupRecord::name).collect(toSet());
    return Retention.without(names, archive.catalogue());
  }

  /** Whatever the deletion that fails: what is left is usable, and the next plan is complete. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 5, 6, 7, 30, 54, 55})
  void interruptionIsHarmless(int deletions) throws StoreException {
    // Given
    archive.backup();
    archive.run(DAY);
    archive.backup();
    archive.run(DAY);
    archive.pause(Duration.ofHours(1));
    archive.newLineage();
    BackupRecord last = archive.backup();
    archive.run(DAY);
    Retention hour = new Retention(Duration.ofHours(1), 1);

    // When
    RetentionPlan plan = plan(hour);
    long before = archive.store().requests().size();
    archive
        .store()
        .onRequest(
            request -> {
              if (request.operation() == Operation.DELETE
                  && archive.store().requests().size() > before + deletions) {
                throw new StoreException(Problem.UNREACHABLE, "ended", null);
              }
            });
    assertThatThrownBy(() -> plan.execute(archive.store())).hasMessage("ended");
    archive.store().recover();

    // Then
    for (ArchivedLineage lineage : archive.catalogue().lineages()) {
      for (BackupRecord backup : lineage.backups()) {
        assertPossible(backup.stoppedAt());
      }
    }
    archive.pause(DAY.plus(Duration.ofMinutes(1)));
    archive.run(Duration.ZERO);
    plan(hour).execute(archive.store());
    assertThat(archive.catalogue().lineages()).hasSize(1);
    assertThat(archive.catalogue().lineages().getFirst().backups()).containsExactly(last);
    assertThat(archive.store().keys()).allMatch(key -> key.contains(archive.lineage()));
  }

  private RetentionPlan plan(Retention retention) throws StoreException {
    return retention.plan(archive.catalogue(), archive.lineage(), archive.now());
  }

  private void assertAllPossible(Instant start) throws StoreException {
    Catalogue catalogue = archive.catalogue();
    for (Instant time = start;
        !time.isAfter(archive.now());
        time = time.plus(Duration.ofMinutes(30))) {
      assertPossible(catalogue, time);
    }
    assertThat(RestorePlanner.plan(catalogue, new Latest(), Optional.empty()))
        .isInstanceOf(Possible.class);
  }

  private void assertPossible(Instant time) throws StoreException {
    assertPossible(archive.catalogue(), time);
  }

  private static void assertPossible(Catalogue catalogue, Instant time) {
    assertThat(RestorePlanner.plan(catalogue, new Time(time), Optional.empty()))
        .as("restore to %s", time)
        .isInstanceOf(Possible.class);
  }
}
