package dev.postgresinstance.operator.archive.program.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.BackupRecord;
import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.ProgressRecord;
import dev.postgresinstance.operator.archive.RestoreTarget;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.restore.wal.TestWal;
import dev.postgresinstance.operator.archive.store.InMemoryStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecoveryTest {

  private static final String ID = "77aa";
  private static final String LINEAGE = "7460-00000001-20261128t020000z";
  private static final String BACKUP = "20261128-030000";
  private static final String INCREMENTAL = "20261128-033000";
  private static final Instant STOPPED = Instant.parse("2026-11-28T03:05:00Z");
  private static final Instant END = Instant.parse("2026-11-28T04:00:00.123456Z");
  private static final Lsn START = new Lsn(3L * TestWal.SEGMENT_SIZE);

  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private final TestWal wal = new TestWal(1, START);
  private final WalSegment first = wal.segment(START);
  private Lsn stop;
  private Lsn later;
  private Lsn end;

  @BeforeEach
  void fillTheArchive() throws StoreException {
    stop = wal.record(1000);
    later = wal.record(2000);
    wal.record(TestWal.SEGMENT_SIZE);
    end = wal.end();
    store.put(
        ArchiveLayout.lineage(ID, LINEAGE),
        ArchiveJson.write(
            new LineageRecord(
                1,
                ID,
                LINEAGE,
                "7460",
                1,
                TestWal.SEGMENT_SIZE,
                "17.6",
                START,
                STOPPED,
                "owner",
                "orders",
                "shop",
                null,
                null)));
    putWal();
    putProgress(end);
    putBackup("17.6", BackupRecord.FULL);
  }

  private void putWal() throws StoreException {
    store.put(ArchiveLayout.wal(ID, LINEAGE, first.name()), wal.zipped(first));
    store.put(ArchiveLayout.partialWal(ID, LINEAGE, first.next().name()), wal.zipped(first.next()));
  }

  private void putProgress(Lsn lsn) throws StoreException {
    store.put(
        ArchiveLayout.progress(ID, LINEAGE), ArchiveJson.write(new ProgressRecord(1, lsn, END)));
  }

  private void putBackup(String version, String kind) throws StoreException {
    putBackup(BACKUP, version, kind, STOPPED, START, stop, null);
  }

  private void putBackup(
      String name, String version, String kind, Instant time, Lsn from, Lsn to, String parent)
      throws StoreException {
    store.put(
        ArchiveLayout.backupRecord(ID, LINEAGE, name),
        ArchiveJson.write(
            new BackupRecord(
                1, name, ID, LINEAGE, version, time, time, from, to, 1, 1000, 100, "00", kind,
                parent)));
  }

  @Test
  void everythingEndsBehindTheLastRecord() throws Exception {
    Recovery recovery = plan(new RestoreTarget.Latest());

    assertThat(recovery.lines())
        .isEqualTo(
            """
            expect_lsn=%s
            stop_lsn=%s
            stop_time=2026-11-28T03:05:00Z
            timeline=1
            lineage=7460-00000001-20261128t020000z
            system_identifier=7460
            """
                .formatted(end, stop));
  }

  @Test
  void archiveMayEndInTheMiddleOfARecord() throws Exception {
    putProgress(new Lsn(end.value() - 8));

    assertThat(plan(new RestoreTarget.Latest()).expectedLsn()).isEqualTo(later);
  }

  @Test
  void onlyATimeIsATargetOfPostgresql() throws Exception {
    assertThat(plan(new RestoreTarget.Time(END)).lines())
        .startsWith("target_time=2026-11-28T04:00:00.123456Z\nexpect_lsn=" + end + "\n");
  }

  @Test
  void logEndsAtAPosition() throws Exception {
    Recovery recovery = plan(new RestoreTarget.Position(new Lsn(later.value() + 100)));

    assertThat(recovery.lines()).startsWith("expect_lsn=" + later + "\n");
    recovery.log().download(first.name(), folder.resolve("wal"));
    byte[] content = Files.readAllBytes(folder.resolve("wal"));
    int offset = (int) (later.value() - START.value());
    assertThat(content[offset - 2000]).isNotZero();
    for (int i = offset; i < content.length; i++) {
      assertThat(content[i]).isZero();
    }
    assertThat(recovery.log().download(first.next().name(), folder.resolve("next"))).isFalse();
  }

  @Test
  void logEndsAtTheEndOfABackup() throws Exception {
    assertThat(plan(new RestoreTarget.EndOfBackup(BACKUP)).expectedLsn()).isEqualTo(stop);
  }

  @Test
  void refusesWhatIsNotInTheArchive() throws Exception {
    assertThat(reason(new RestoreTarget.Time(STOPPED.minusSeconds(1)))).isEqualTo("TargetTooEarly");
    store.delete(List.of(ArchiveLayout.wal(ID, LINEAGE, first.name())));
    assertThat(reason(new RestoreTarget.Latest())).isEqualTo("WalMissing");
  }

  @Test
  void refusesAnotherVersion() throws Exception {
    putBackup("16.2", BackupRecord.FULL);
    assertThat(reason(new RestoreTarget.Latest())).isEqualTo("SpecDoesNotMatchData");
    putBackup("170.1", BackupRecord.FULL);
    assertThat(reason(new RestoreTarget.Latest())).isEqualTo("SpecDoesNotMatchData");
  }

  @Test
  void refusesABackupOfAnUnknownKind() throws Exception {
    putBackup("17.6", "differential");

    assertThat(reason(new RestoreTarget.EndOfBackup(BACKUP))).isEqualTo("BackupUnsupported");
  }

  @Test
  void combinesBackupsThatFitOnTheVolumeTwice() throws Exception {
    putIncrementalBackup();
    RestoreTarget target = new RestoreTarget.EndOfBackup(INCREMENTAL);

    Recovery recovery = plan(target, 4000);

    assertThat(recovery.backups())
        .extracting(BackupRecord::name)
        .containsExactly(BACKUP, INCREMENTAL);
    assertThat(recovery.lines()).contains("stop_lsn=" + later + "\n", "expect_lsn=" + later + "\n");
  }

  /** The log since the full backup leads to the same position. */
  @ParameterizedTest
  @ValueSource(strings = {"latest", "end"})
  void recoversFromTheFullBackupWhereTheyDoNotFit(String target) throws Exception {
    putIncrementalBackup();
    boolean toEnd = target.equals("end");

    Recovery recovery =
        plan(toEnd ? new RestoreTarget.EndOfBackup(INCREMENTAL) : new RestoreTarget.Latest(), 3999);

    assertThat(recovery.backups()).extracting(BackupRecord::name).containsExactly(BACKUP);
    assertThat(recovery.lines())
        .contains("stop_lsn=" + stop + "\n", "expect_lsn=" + (toEnd ? later : end) + "\n");
  }

  private void putIncrementalBackup() throws StoreException {
    putBackup(
        INCREMENTAL,
        "17.6",
        BackupRecord.INCREMENTAL,
        STOPPED.plusSeconds(60),
        stop,
        later,
        BACKUP);
  }

  @Test
  void refusesALogThatDoesNotReachItsEnd() throws Exception {
    putProgress(new Lsn(end.value() + 1000));

    assertThat(reason(new RestoreTarget.Latest())).isEqualTo("WalDamaged");
  }

  /** The recovery must then find its target, because it cannot end where it is expected to. */
  @Test
  void triesToReachATimeBeforeTheDamage() throws Exception {
    Lsn said = new Lsn(end.value() + 1000);
    putProgress(said);

    assertThat(plan(new RestoreTarget.Time(END)).expectedLsn()).isEqualTo(said);
  }

  /** PostgreSQL ends a recovery where it finds zeros. */
  @Test
  void logOfATimeHasWhatThereIsOfTheLastSegment() throws Exception {
    // Given
    WalSegment last = first.next();
    byte[] content = wal.content(last);
    byte[] less = Arrays.copyOf(content, TestWal.PAGE);
    store.put(ArchiveLayout.partialWal(ID, LINEAGE, last.name()), TestWal.zip(less));
    putProgress(new Lsn(last.start().value() + 2 * TestWal.PAGE));

    // When
    Recovery recovery = plan(new RestoreTarget.Time(END));
    boolean delivered = recovery.log().download(last.name(), folder.resolve("wal"));

    // Then
    assertThat(delivered).isTrue();
    assertThat(folder.resolve("wal")).hasBinaryContent(Arrays.copyOf(less, TestWal.SEGMENT_SIZE));
    assertThat(reason(new RestoreTarget.Latest())).isEqualTo("WalDamaged");
  }

  /** While the list of a volume is read, the backup pod may complete a segment. */
  @Test
  void segmentThatTheFirstListLacksIsNotMissing() throws Exception {
    // Given
    String completed = ArchiveLayout.wal(ID, LINEAGE, first.name());
    store.delete(List.of(completed));
    store.onRequest(
        request -> {
          if (request.key().equals(ArchiveLayout.backups(ID, LINEAGE))) { // after that of the log
            store.recover();
            store.put(completed, wal.zipped(first));
          }
        });

    // Then
    assertThat(plan(new RestoreTarget.Latest()).expectedLsn()).isEqualTo(end);
  }

  private Recovery plan(RestoreTarget target) throws Exception {
    return plan(target, Long.MAX_VALUE);
  }

  private Recovery plan(RestoreTarget target, long space) throws Exception {
    return Recovery.plan(
        store,
        new FetchRequest(ID, "17", target, Optional.empty(), Optional.empty(), false),
        space);
  }

  private String reason(RestoreTarget target) {
    return catchThrowableOfType(ProgramFailure.class, () -> plan(target)).reason();
  }
}
