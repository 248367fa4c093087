package dev.postgresinstance.operator.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.archive.RestorePlan.Possible;
import dev.postgresinstance.operator.archive.RestorePlan.Reason;
import dev.postgresinstance.operator.archive.RestorePlan.Refused;
import dev.postgresinstance.operator.archive.RestoreTarget.EndOfBackup;
import dev.postgresinstance.operator.archive.RestoreTarget.Latest;
import dev.postgresinstance.operator.archive.RestoreTarget.Position;
import dev.postgresinstance.operator.archive.RestoreTarget.Time;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestorePlannerTest {

  private static final Instant BEGIN = Instant.parse("2026-11-01T00:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);

  private TestArchive archive;

  @BeforeEach
  void begin() throws StoreException {
    archive = new TestArchive(BEGIN);
    archive.run(HOUR);
  }

  @Test
  void archiveWithoutBackupIsRefused() throws StoreException {
    assertRefused(
        new Latest(), Reason.NO_BACKUP, "The archive of instance b1e9 has no complete backup");
  }

  @Test
  void latestBeginsWithTheNewestBackup() throws StoreException {
    // Given
    archive.backup();
    archive.run(HOUR.multipliedBy(20));
    BackupRecord second = archive.backup();
    archive.run(HOUR.multipliedBy(5));

    // When
    Possible plan = possible(new Latest());

    // Then
    assertThat(plan.backup()).isEqualTo(second);
    assertThat(plan.targetTime()).isEmpty();
    assertThat(plan.targetLsn()).isEmpty();
    assertThat(plan.expectedLsn()).isEqualTo(archive.lsnAt(archive.now()));
    assertThat(plan.endTime()).isEqualTo(archive.now());
    assertThat(plan.first()).isEqualTo(archive.segmentAt(second.startedAt()));
    assertThat(plan.last()).isEqualTo(archive.segmentAt(archive.now()));
  }

  @Test
  void incrementalBackupNeedsItsParents() throws StoreException {
    // Given
    BackupRecord full = archive.backup();
    BackupRecord first = archive.backup(full.name());
    BackupRecord second = archive.backup(first.name());

    // Then
    assertThat(possible(new Latest()).chain()).containsExactly(full, first, second);
    assertThat(possible(new Time(first.stoppedAt())).chain()).containsExactly(full, first);
    assertThat(possible(new EndOfBackup(full.name())).chain()).containsExactly(full);
  }

  @Test
  void incrementalBackupWithoutItsParentIsNotUsed() throws StoreException {
    // Given
    BackupRecord full = archive.backup();
    BackupRecord orphan = archive.backup("20200101-000000");

    // Then
    assertThat(possible(new Latest()).chain()).containsExactly(full);
    assertRefused(
        new EndOfBackup(orphan.name()),
        Reason.PARENT_MISSING,
        "Backup %s is incremental, and the archive lacks a backup that it needs, 20200101-000000"
            .formatted(orphan.name()));
  }

  @Test
  void timeBeginsWithTheNewestBackupBeforeIt() throws StoreException {
    // Given
    BackupRecord first = archive.backup();
    archive.run(HOUR.multipliedBy(20));
    BackupRecord second = archive.backup();

    // When
    Instant justBefore = second.stoppedAt().minusMillis(1);
    Possible plan = possible(new Time(justBefore));

    // Then
    assertThat(plan.backup()).isEqualTo(first);
    assertThat(plan.targetTime()).contains(justBefore);
    assertThat(plan.expectedLsn()).isEqualTo(first.stopLsn());
    assertThat(possible(new Time(second.stoppedAt())).backup()).isEqualTo(second);
  }

  @Test
  void namedBackupIsUsedAlthoughThereIsANewerOne() throws StoreException {
    // Given
    BackupRecord first = archive.backup();
    archive.backup();

    // When
    RestorePlan plan =
        RestorePlanner.plan(archive.catalogue(), new Latest(), Optional.of(first.name()));

    // Then
    assertThat(((Possible) plan).backup()).isEqualTo(first);
  }

  @Test
  void endOfBackupNeedsNothingBehindIt() throws StoreException {
    // Given
    BackupRecord first = archive.backup();
    archive.run(HOUR.multipliedBy(5));
    archive.backup();
    removeSegment(archive.segmentAt(first.stoppedAt().plus(HOUR)));

    // When
    Possible plan = possible(new EndOfBackup(first.name()));

    // Then
    assertThat(plan.backup()).isEqualTo(first);
    assertThat(plan.targetLsn()).contains(first.stopLsn());
    assertThat(plan.last()).isEqualTo(archive.segmentAt(first.stoppedAt()));
  }

  @Test
  void positionBeginsWithTheNewestBackupBeforeIt() throws StoreException {
    // Given
    archive.backup();
    BackupRecord second = archive.backup();
    archive.run(HOUR.multipliedBy(5));
    Lsn target = archive.lsnAt(second.stoppedAt().plus(HOUR));

    // When
    Possible plan = possible(new Position(target));

    // Then
    assertThat(plan.backup()).isEqualTo(second);
    assertThat(plan.targetLsn()).contains(target);
    assertThat(plan.expectedLsn()).isEqualTo(target);
    assertThat(plan.last()).isEqualTo(archive.segmentAt(second.stoppedAt().plus(HOUR)));
  }

  @Test
  void positionAtTheBeginningOfASegmentDoesNotNeedThatSegment() throws StoreException {
    // Given
    BackupRecord backup = archive.backup();
    archive.run(HOUR.multipliedBy(5));
    WalSegment segment = archive.segmentAt(backup.stoppedAt()).next();
    removeSegment(segment.next());

    // When
    Possible plan = possible(new Position(segment.end()));

    // Then
    assertThat(plan.last()).isEqualTo(segment);
  }

  @Test
  void missingBackupIsRefusedWithTheNamesThatExist() throws StoreException {
    // Given
    archive.backup();
    archive.backup();

    // Then
    assertRefused(
        new EndOfBackup("nightly"),
        Reason.BACKUP_NOT_FOUND,
        "The archive of instance b1e9 has no backup nightly; the newest ones are "
            + "20261101-013000, 20261101-010000");
  }

  @Test
  void targetBeforeTheFirstBackupIsRefused() throws StoreException {
    // Given
    BackupRecord backup = archive.backup();

    // Then
    assertRefused(
        new Time(backup.stoppedAt().minusSeconds(1)),
        Reason.TARGET_TOO_EARLY,
        "The target 2026-11-01T01:29:59Z is before the end of the first usable backup, "
            + "20261101-010000: the first possible target is 2026-11-01T01:30:00Z");
    assertRefused(
        new Position(Lsn.parse("0/1")),
        Reason.TARGET_TOO_EARLY,
        "The target 0/1 is before the end of the first usable backup, "
            + "20261101-010000: the first possible target is "
            + backup.stopLsn());
  }

  @Test
  void targetAfterTheEndIsRefused() throws StoreException {
    // Given
    archive.backup();
    archive.run(HOUR);

    // Then
    assertRefused(
        new Time(archive.now().plusSeconds(1)),
        Reason.TARGET_TOO_LATE,
        "The target 2026-11-01T02:30:01Z is after the end of the archive: "
            + "the last possible target is 2026-11-01T02:30:00Z");
    assertRefused(
        new Position(Lsn.parse("1/0")),
        Reason.TARGET_TOO_LATE,
        "The target 1/0 is after the end of the archive: the last possible target is "
            + archive.lsnAt(archive.now()));
    assertThat(possible(new Time(archive.now())).endTime()).isEqualTo(archive.now());
  }

  @Test
  void gapIsRefusedWithTheFirstMissingSegment() throws StoreException {
    // Given
    BackupRecord backup = archive.backup();
    archive.run(HOUR.multipliedBy(5));
    WalSegment missing = archive.segmentAt(backup.stoppedAt().plus(HOUR));
    removeSegment(missing);
    removeSegment(missing.next());

    // Then
    assertRefused(
        new Latest(),
        Reason.WAL_MISSING,
        "The write-ahead log is not complete: segment 000000010000000000000005 of lineage "
            + archive.lineage()
            + " is missing. Positions from "
            + backup.stopLsn()
            + " to 0/5000000 can be restored");
    assertThat(possible(new Position(missing.start())).last()).isEqualTo(missing.previous());
  }

  @Test
  void partialSegmentBeforeOthersIsAGap() throws StoreException {
    // Given
    BackupRecord backup = archive.backup();
    archive.run(HOUR.multipliedBy(5));
    WalSegment segment = archive.segmentAt(backup.startedAt());
    removeSegment(segment);
    archive
        .store()
        .put(
            ArchiveLayout.partialWal(TestArchive.INSTANCE, archive.lineage(), segment.name()),
            new byte[0]);

    // Then
    assertRefused(
        new Latest(),
        Reason.WAL_MISSING,
        "The write-ahead log is not complete: segment 000000010000000000000004 of lineage "
            + archive.lineage()
            + " is missing. Backup 20261101-010000 cannot be restored");
  }

  @Test
  void lineageIsChosenByTime() throws StoreException {
    // Given
    BackupRecord before = archive.backup();
    archive.run(HOUR);
    Instant lost = archive.now();
    archive.pause(HOUR.multipliedBy(3));
    archive.newLineage();
    archive.run(HOUR);
    BackupRecord after = archive.backup();
    archive.run(HOUR);

    // Then
    assertThat(possible(new Time(lost)).backup()).isEqualTo(before);
    assertThat(possible(new Time(after.stoppedAt())).backup()).isEqualTo(after);
    assertThat(possible(new Latest()).backup()).isEqualTo(after);
    assertRefused(
        new Time(lost.plusSeconds(1)),
        Reason.TARGET_NOT_COVERED,
        "The archive has nothing of the target 2026-11-01T02:30:01Z: "
            + "possible are targets up to 2026-11-01T02:30:00Z, and from 2026-11-01T07:00:00Z on");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void latestIsRefusedWhileTheNewestLineageHasNoBackup(int hoursOfLog) throws StoreException {
    // Given
    BackupRecord before = archive.backup();
    archive.pause(HOUR);
    archive.newLineage();
    if (hoursOfLog > 0) {
      archive.run(HOUR.multipliedBy(hoursOfLog));
    }

    // Then
    assertRefused(
        new Latest(),
        Reason.TARGET_NOT_COVERED,
        "The newest lineage of the archive, %s, has no complete backup: what was committed since 2026-11-01T02:30:00Z cannot be restored. Wait for its first backup. Or restore the end of the lineage before, which lacks these commits, with its time as the target (spec.source.target.time, or TIME@UID in the annotation postgresinstance.dev/restore-to): 2026-11-01T01:30:00Z"
            .formatted(archive.lineage()));
    assertThat(possible(new Time(before.stoppedAt())).backup()).isEqualTo(before);
  }

  /** Whoever names a backup asks for its lineage; so does a verification. */
  @Test
  void latestOfANamedBackupIsTheEndOfItsLineage() throws StoreException {
    // Given
    BackupRecord before = archive.backup();
    archive.run(HOUR);
    Instant end = archive.now();
    archive.newLineage();
    archive.run(HOUR);

    // When
    RestorePlan plan =
        RestorePlanner.plan(archive.catalogue(), new Latest(), Optional.of(before.name()));

    // Then
    assertThat(((Possible) plan).endTime()).isEqualTo(end);
  }

  @Test
  void latestIsOfTheNewestLineageAlsoIfTheClockOfItsServerIsBehind() throws StoreException {
    // Given
    archive.backup();
    archive.run(HOUR.multipliedBy(20));
    archive.pause(HOUR.multipliedBy(-15));
    archive.newLineage();
    BackupRecord after = archive.backup();

    // Then
    assertThat(possible(new Latest()).backup()).isEqualTo(after);
  }

  private void removeSegment(WalSegment segment) throws StoreException {
    archive
        .store()
        .delete(
            List.of(ArchiveLayout.wal(TestArchive.INSTANCE, archive.lineage(), segment.name())));
  }

  private Possible possible(RestoreTarget target) throws StoreException {
    RestorePlan plan = RestorePlanner.plan(archive.catalogue(), target, Optional.empty());
    assertThat(plan).isInstanceOf(Possible.class);
    return (Possible) plan;
  }

  private void assertRefused(RestoreTarget target, Reason reason, String message)
      throws StoreException {
    assertThat(RestorePlanner.plan(archive.catalogue(), target, Optional.empty()))
        .isEqualTo(new Refused(reason, message));
  }
}
