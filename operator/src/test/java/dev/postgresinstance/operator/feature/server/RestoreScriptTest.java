package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.archive.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Restores from the archive of a real server, with the script and the program of the restore in
 * containers of their own. Needs only docker.
 */
@Order(1)
class RestoreScriptTest {

  private static final String DATA = Docker.MAJOR;
  private static final String STAGING = Docker.MAJOR + ".restore";
  private static final Pattern RESULT =
      Pattern.compile(
          "\\{\"reachedLsn\":\"([0-9A-F/]+)\",\"reachedTime\":\"([^\"]+Z)\",\"timeline\":([23]),\"systemIdentifier\":\"(\\d+)\",\"source\":\"0a1b\"}");

  private static final Pattern VERIFIED =
      Pattern.compile(
          "\\{\"reachedLsn\":\"([0-9A-F/]+)\",\"reachedTime\":\"[^\"]+Z\",\"seconds\":\\d+,"
              + "\"recoverySeconds\":\\d+,\"checkSeconds\":\\d+,\"dumpSeconds\":\\d+,"
              + "\"checksumSeconds\":\\d+,\"databases\":(\\d+),\"relations\":(\\d+),"
              + "\"catalogRows\":(\\d+),\"dumpBytes\":(\\d+),\"checksums\":\"(\\w+)\"}");

  private static Workbench workbench;
  private static TestArchive archive;

  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeAll
  static void makeArchive() {
    Docker.makeSureOfImage();
    workbench = new Workbench();
    try (TestVolume volume = workbench.emptyVolume()) {
      archive = TestArchive.of(volume.pod().start().awaitReady());
    }
  }

  @AfterAll
  static void removeArchive() {
    if (archive != null) {
      archive.close();
    }
    workbench.close();
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  @Test
  void restoresEverything() {
    // Given
    TestVolume volume = emptyVolume();

    // When
    Matcher result = result(restore(archive, volume).start().awaitResult());

    // Then
    assertThat(Lsn.parse(result.group(1))).isEqualTo(archive.lsn("endLsn"));
    assertThat(Instant.parse(result.group(2)))
        .isBetween(archive.time("time400"), archive.time("time500"));
    assertThat(result.group(3)).isEqualTo("2");
    assertThat(result.group(4)).isEqualTo(archive.mark("systemIdentifier"));
    assertThat(files(volume)).contains(DATA, "instance-id", "restored.json");
    assertThat(files(volume)).doesNotContain(STAGING, "restoring", "restore.lock");
    assertThat(volume.shell("ls -A " + DATA).lines())
        .doesNotContain("recovery.signal", "standby.signal", "backup_label");
    assertThat(volume.shell("cat instance-id")).isEqualTo(TestPod.INSTANCE_ID);
    assertThat(volume.shell("/usr/bin/find %s -perm /077".formatted(DATA))).isEmpty();
    assertRows(volume, 500);
  }

  /** Its log begins on a timeline that the restore has begun. */
  @Test
  @Tag("long")
  void restoredInstanceCanBeRestored() {
    // Given
    TestVolume first = emptyVolume();
    restore(archive, first)
        .with("PGI_TARGET_BACKUP", TestArchive.FIRST + "-end")
        .start()
        .awaitResult();
    TestArchive second = opened(TestArchive.of(first.pod().start().awaitReady()));
    TestVolume volume = emptyVolume();
    TestRestore restore = restore(second, volume);

    // When
    String result = restore.with("PGI_TARGET_TIME", second.mark("time400")).start().awaitResult();

    // Then
    assertThat(second.mark("timeline")).isEqualTo("2");
    assertThat(result(result).group(3)).isEqualTo("3");
    assertRows(volume, 400);
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 300})
  void restoresToATime(int rows) {
    // Given
    TestVolume volume = emptyVolume();
    TestRestore restore = restore(archive, volume);

    // When
    restore.with("PGI_TARGET_TIME", archive.mark("time" + rows)).start().awaitResult();

    // Then
    assertRows(volume, rows);
  }

  @Test
  void restoresToAPosition() {
    // Given
    int rows = 200;
    TestVolume volume = emptyVolume();
    TestRestore restore = restore(archive, volume);

    // When
    String result =
        restore.with("PGI_TARGET_LSN", archive.mark("lsn" + rows)).start().awaitResult();

    // Then
    assertThat(Lsn.parse(result(result).group(1))).isEqualTo(archive.lsn("lsn" + rows));
    assertRows(volume, rows);
  }

  @ParameterizedTest
  @CsvSource({TestArchive.FIRST + ", 0", TestArchive.SECOND + ", 300"})
  void restoresABackup(String backup, int rows) {
    // Given
    TestVolume volume = emptyVolume();

    // When
    restore(archive, volume).with("PGI_TARGET_BACKUP", backup + "-end").start().awaitResult();

    // Then
    assertRows(volume, rows);
  }

  /** The log before the last backup is missing: only the chain leads to what was committed. */
  @EnabledIf("hasIncrementalBackups")
  @ParameterizedTest
  @CsvSource({"PGI_TARGET_TIME, 500", "PGI_TARGET_BACKUP, 400"})
  void combinesIncrementalBackups(String target, int rows) {
    // Given
    TestArchive chain =
        opened(archive.copy().withIncrementalBackups().withoutLogBefore(TestArchive.FOURTH));
    TestVolume volume = emptyVolume();
    boolean byTime = target.equals("PGI_TARGET_TIME");

    // When
    restore(chain, volume)
        .with(target, byTime ? chain.mark("time" + rows) : TestArchive.FOURTH + "-end")
        .start()
        .awaitResult();

    // Then
    assertThat(volume.shell("ls -A " + DATA).lines()).doesNotContain("parts", "combined");
    assertRows(volume, rows);
    TestServer server = volume.pod().start().awaitReady();
    assertThat(server.query("SELECT pg_relation_size('shrunk') / 8192")).isEqualTo("9");
    assertThat(server.query("SELECT count(*), min(text) <> '' FROM shrunk"))
        .isEqualTo(chain.mark("shrunk") + "|t");
    server.stop();
  }

  @EnabledIf("hasIncrementalBackups")
  @Test
  @Tag("long")
  void refusesADamagedIncrementalBackup() throws IOException {
    // Given
    TestArchive chain = opened(archive.copy().withIncrementalBackups());
    flipByte(chain.base(TestArchive.THIRD));

    // Then
    assertIncomplete(chain, TestArchive.FOURTH, "BackupDamaged");
  }

  @EnabledIf("hasIncrementalBackups")
  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"before mv 4", "after mv 4"})
  void nextRestoreFollowsAScriptThatWasKilledWhenItHadCombined(String moment) {
    // Given
    TestArchive chain = opened(archive.copy().withIncrementalBackups());
    TestVolume volume = emptyVolume();
    restore(chain, volume).that("kill " + moment).start().script().awaitEnd();

    // When
    restore(chain, volume).start().awaitResult();

    // Then
    assertRows(volume, 500);
  }

  static boolean hasIncrementalBackups() {
    return Integer.parseInt(Docker.MAJOR) >= 17;
  }

  @Test
  void beginsWithTheBackupThatWasChosen() {
    // Given
    TestVolume volume = emptyVolume();
    TestRestore restore = restore(archive, volume);

    // When
    restore.with("PGI_SOURCE_BACKUP", TestArchive.FIRST).start().awaitResult();

    // Then
    assertThat(restore.fetch().log()).contains("\"backup\":\"" + TestArchive.FIRST);
    assertRows(volume, 500);
  }

  @Test
  void timeAfterTheLastTransactionIsTheEndOfTheArchive() {
    // Given
    TestVolume volume = emptyVolume();
    TestRestore restore = restore(archive, volume);

    // When
    restore.with("PGI_TARGET_TIME", archive.mark("endTime")).start().awaitResult();

    // Then
    assertThat(restore.script().log()).contains("Nothing happened after the target");
    assertRows(volume, 500);
  }

  /** The instance still writes to the archive while it is read. */
  @ParameterizedTest
  @ValueSource(strings = {"", "time300"})
  void whatIsArchivedLaterIsNotRestored(String target) {
    // Given
    TestVolume volume = emptyVolume();
    TestArchive earlier = copy().without(TestArchive.SECOND);
    earlier.progress(archive.lsn("lsn300"), archive.time("time300"));
    TestRestore restore = restore(earlier, volume);

    // When
    restore.with("PGI_TARGET_TIME", target.isEmpty() ? "" : archive.mark(target));
    String result = restore.start().awaitResult();

    // Then
    assertThat(Lsn.parse(result(result).group(1))).isEqualTo(archive.lsn("lsn300"));
    assertRows(volume, 300);
  }

  @Test
  void archiveMayEndInTheMiddleOfARecord() {
    // Given
    TestVolume volume = emptyVolume();
    Lsn end = new Lsn(archive.lsn("lsn400").value() - 8);
    TestArchive inRecord = copy().progress(end, archive.time("time400"));

    // When
    String result = restore(inRecord, volume).start().awaitResult();

    // Then
    assertThat(Lsn.parse(result(result).group(1))).isLessThan(end);
    assertRows(volume, 399);
  }

  @Test
  void verificationTellsWhatItHasCheckedAndLeavesNoDatabase() {
    // Given
    TestVolume volume = emptyVolume();

    // When
    String result = restore(archive.writable(), volume).verifying().start().awaitResult();

    // Then
    Matcher figures = VERIFIED.matcher(result);
    assertThat(figures.matches()).as(result).isTrue();
    assertThat(Lsn.parse(figures.group(1))).isEqualTo(archive.lsn("endLsn"));
    assertThat(figures.group(2)).as("app, postgres, template1 and another one").isEqualTo("4");
    assertThat(Long.parseLong(figures.group(3))).isGreaterThan(1_000);
    assertThat(Long.parseLong(figures.group(4))).isGreaterThan(20_000);
    assertThat(Long.parseLong(figures.group(5))).isGreaterThan(1_000_000);
    assertThat(figures.group(6)).isEqualTo("correct");
    assertThat(volume.shell("ls -A").lines()).doesNotContain(Docker.MAJOR, "instance-id");
    assertThat(archive.verifications(TestArchive.SECOND)).hasSize(1);
  }

  /** No statement reads the map of free space. */
  @Test
  void verificationFindsAByteThatOnlyTheChecksumsShow() {
    // Given
    String map = archive.mark("still") + "_fsm";

    // When
    String failure =
        restore(archive, emptyVolume())
            .verifying()
            .damaging(TestRestore.overwrite(map, 4096, 1))
            .start()
            .awaitFailure();

    // Then
    assertThat(failure).contains("\"reason\":\"DataCorrupt\"", "wrong checksum", map);
  }

  @Test
  void refusesATargetBeforeTheFirstBackup() {
    Instant early = archive.time(TestArchive.FIRST + ".stoppedAt").minusMillis(1);

    assertRefused(archive, "PGI_TARGET_TIME", early.toString(), "TargetTooEarly");
  }

  @Test
  void refusesATargetAfterTheEndOfTheArchive() {
    Instant late = archive.time("endTime").plusMillis(1);

    assertRefused(archive, "PGI_TARGET_TIME", late.toString(), "TargetTooLate");
  }

  @Test
  void refusesAnotherMajorVersion() {
    // Given
    TestVolume volume = emptyVolume();
    String before = volume.listing();
    String other = Docker.MAJOR.equals("16") ? "15" : "16";

    // When
    String failure = restore(archive, volume).with("PGI_MAJOR", other).start().awaitFailure();

    // Then
    assertThat(failure).contains("\"reason\":\"ImageDoesNotFit\"");
    assertThat(volume.listing()).isEqualTo(before);
  }

  @Test
  void refusesAGapInTheLog() throws IOException {
    // Given
    TestArchive gap = copy();
    List<Path> segments = gap.segments();
    Files.delete(segments.get(segments.size() - 2));

    // Then
    assertRefused(gap, "PGI_TARGET_TIME", "", "WalMissing");
  }

  @Test
  void refusesALogThatDoesNotReachItsEnd() throws IOException {
    // Given
    TestArchive cut = copy();
    Path partial = partial(cut);
    byte[] content = unzip(partial);
    Arrays.fill(content, 8192, content.length, (byte) 0);
    Files.write(partial, TestArchive.zip(content));

    // Then
    assertRefused(cut, "PGI_TARGET_TIME", "", "WalDamaged");
  }

  @Test
  @Tag("long")
  void doesNotEndBeforeASegmentOfZeros() throws IOException {
    TestArchive damaged = copy();
    Path segment = damaged.segments().get(1);
    Files.write(segment, TestArchive.zip(new byte[unzip(segment).length]));

    assertIncomplete(damaged, "RestoreIncomplete");
  }

  @Test
  void doesNotEndBeforeADamagedRecord() throws IOException {
    TestArchive damaged = copy();
    Path segment = damaged.segments().get(1);
    byte[] content = unzip(segment);
    content[content.length / 2] ^= 1;
    Files.write(segment, TestArchive.zip(content));

    assertIncomplete(damaged, "RestoreIncomplete");
  }

  @Test
  @Tag("long")
  void doesNotEndBeforeATruncatedSegment() throws IOException {
    TestArchive damaged = copy();
    Path segment = damaged.segments().get(1);
    byte[] content = unzip(segment);
    Files.write(segment, TestArchive.zip(Arrays.copyOf(content, content.length / 2)));

    assertIncomplete(damaged, "WalDamaged");
  }

  @Test
  void doesNotEndBeforeADamagedObject() throws IOException {
    TestArchive damaged = copy();
    flipByte(damaged.segments().get(1));

    assertIncomplete(damaged, "WalDamaged");
  }

  @Test
  @Tag("long")
  void refusesADamagedBase() throws IOException {
    TestArchive damaged = copy();
    flipByte(damaged.base(TestArchive.FIRST));

    assertIncomplete(damaged, "BackupDamaged");
  }

  /** A target that the recovery reaches before it needs the damaged part. */
  @Test
  @Tag("long")
  void restoresToATimeBeforeTheDamage() throws IOException {
    // Given
    TestVolume volume = emptyVolume();
    TestArchive damaged = copy();
    flipByte(damaged.segments().getLast());

    // When
    restore(damaged, volume)
        .with("PGI_SOURCE_BACKUP", TestArchive.FIRST)
        .with("PGI_TARGET_TIME", archive.mark("time100"))
        .start()
        .awaitResult();

    // Then
    assertRows(volume, 100);
  }

  /** Each mv is a step of the script; see stumble.sh. */
  @Test
  void nextRestoreFollowsAScriptThatWasKilledAfterTheRename() {
    assertRestoredAfterKillOfScript("after mv 6");
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({
    "before mv 1",
    "after mv 1",
    "before mv 2",
    "after mv 2",
    "before mv 3",
    "after mv 3",
    "before mv 4",
    "after mv 4",
    "before mv 5",
    "after mv 5",
    "before mv 6",
    "before mv 7",
    "after mv 7",
    "before mv 8",
    "after mv 8",
    "before sync 1",
    "after sync 1",
    "before sync 2",
    "after sync 3",
    "after sync 4",
    "before sync 5",
    "after sync 5",
    "before sync 6",
    "after sync 6"
  })
  void nextRestoreFollowsAScriptThatWasKilledAnywhere(String moment) {
    assertRestoredAfterKillOfScript(moment);
  }

  private void assertRestoredAfterKillOfScript(String moment) {
    // Given
    TestVolume volume = emptyVolume();
    TestRestore killed = restore(archive, volume).that("kill " + moment).start();
    assertThat(killed.script().awaitEnd()).isEqualTo(137);
    int fetchEnd = killed.fetch().awaitEnd();
    boolean isRestored = files(volume).contains("instance-id");
    assertThat(fetchEnd == 0 || !killed.exists("done")).isTrue();
    if (!isRestored && !files(volume).contains(DATA) && files(volume).contains(STAGING)) {
      assertServerRefuses(volume);
    }

    // When
    String result = restore(archive, volume).start().awaitResult();

    // Then
    assertThat(Lsn.parse(result(result).group(1))).isEqualTo(archive.lsn("endLsn"));
    assertRows(volume, 500);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"prepared", "base-ready", "redo starts"})
  void nextRestoreFollowsAKilledPod(String moment) {
    // Given
    TestVolume volume = emptyVolume();
    TestRestore killed = restore(archive, volume).with("PGI_SOURCE_BACKUP", TestArchive.FIRST);
    awaitMoment(killed.start(), moment);
    killed.script().signal("KILL").awaitEnd();
    killed.fetch().signal("KILL").awaitEnd();
    assertThat(files(volume)).contains("restoring").doesNotContain(DATA, "instance-id");
    assertServerRefuses(volume);

    // When
    restore(archive, volume).start().awaitResult();

    // Then
    assertRows(volume, 500);
  }

  /** The program of the next restore must not write before that of the killed one has ended. */
  @Test
  @Tag("long")
  void nextRestoreWaitsForTheProgramOfAKilledScript() {
    // Given
    TestVolume volume = emptyVolume();
    TestRestore killed = restore(archive, volume).start().awaitFile("base-ready");
    killed.script().signal("KILL").awaitEnd();

    // When
    TestRestore next = restore(archive, volume).start().awaitFile("prepared");

    // Then
    boolean isReady = next.exists("base-ready");
    assertThat(isReady && killed.fetch().isAlive()).isFalse();
    next.awaitResult();
    assertThat(killed.fetch().isAlive()).isFalse();
    assertRows(volume, 500);
  }

  @Test
  @Tag("long")
  void nextRestoreFollowsAKilledProgram() {
    assertRestoredAfterKill("fetch", "base-ready");
  }

  /** The other container ends by itself. */
  @Tag("long")
  @ParameterizedTest
  @CsvSource({
    "script, prepared",
    "script, redo starts",
    "fetch, locked",
    "fetch, prepared",
    "fetch, base-ready",
    "fetch, redo starts"
  })
  void nextRestoreFollowsAKilledContainer(String container, String moment) {
    assertRestoredAfterKill(container, moment);
  }

  private void assertRestoredAfterKill(String container, String moment) {
    // Given
    TestVolume volume = emptyVolume();
    TestRestore killed = restore(archive, volume).with("PGI_SOURCE_BACKUP", TestArchive.FIRST);
    awaitMoment(killed.start(), moment);
    TestServer first = container.equals("script") ? killed.script() : killed.fetch();
    TestServer second = container.equals("script") ? killed.fetch() : killed.script();
    first.signal("KILL").awaitEnd();
    if (second.awaitEnd() == 0) {
      assertThat(moment).as("the end was faster than the signal").isEqualTo("redo starts");
    } else {
      assertThat(second.terminationMessage()).contains("\"reason\":\"RestoreInterrupted\"");
    }

    // When
    restore(archive, volume).start().awaitResult();

    // Then
    assertRows(volume, 500);
  }

  private static void awaitMoment(TestRestore restore, String moment) {
    if (moment.contains(" ")) {
      restore.awaitLine(moment);
    } else {
      restore.awaitFile(moment);
    }
  }

  @Test
  void usedFolderOfThePodIsRefusedByBoth() {
    // Given
    TestVolume volume = emptyVolume();
    TestRestore killed = restore(archive, volume).start().awaitFile("prepared");
    killed.script().signal("KILL").awaitEnd();
    killed.fetch().signal("KILL").awaitEnd();

    // When
    killed.start();

    // Then
    assertThat(killed.script().awaitEnd()).isOne();
    assertThat(killed.fetch().awaitEnd()).isOne();
    assertThat(killed.script().terminationMessage()).contains("RestoreInterrupted");
    assertThat(killed.fetch().terminationMessage()).contains("RestoreInterrupted");
  }

  @Test
  void secondRestoreChangesNothing() {
    // Given
    TestVolume volume = emptyVolume();
    String first = restore(archive, volume).start().awaitResult();
    String before = volume.listing();

    // When
    String second = restore(archive, volume).start().awaitResult();

    // Then
    assertThat(second).isEqualTo(first);
    assertThat(volume.listing()).isEqualTo(before);
  }

  @Test
  void refusesAVolumeThatWasRestoredFromAnotherSource() {
    // Given
    TestVolume volume = emptyVolume();
    restore(archive, volume).start().awaitResult();
    String before = volume.listing();

    // When
    String failure = restore(archive, volume).with("PGI_RESTORE", "0a1c").start().awaitFailure();

    // Then
    assertThat(failure).contains("\"reason\":\"VolumeNotEmpty\"");
    assertThat(volume.listing()).isEqualTo(before);
  }

  @Test
  @Tag("long")
  void anotherRestoreWaitsForTheLockAndChangesNothing() {
    // Given
    TestVolume volume = emptyVolume();
    TestRestore first = restore(archive, volume).that("hang before mv 3").start();
    first.awaitLine("hanging");

    // When
    String failure = restore(archive, volume).start().awaitFailure();

    // Then
    assertThat(failure).contains("\"reason\":\"VolumeLocked\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          echo other > instance-id                          | VolumeOfAnotherInstance
          mkdir %1$s; echo %1$s > %1$s/PG_VERSION           | VolumeNotEmpty
          mkdir %1$s; echo x > %1$s/x                       | VolumeNotEmpty
          mkdir %1$s; echo x > %1$s/x; echo %2$s > instance-id | VolumeNotEmpty
          mkdir %1$s; touch %1$s/x restored.json; echo %2$s > instance-id | VolumeNotEmpty
          mkdir 14; echo 14 > 14/PG_VERSION                 | VolumeOfAnotherInstance
          echo 14 > PG_VERSION                              | VolumeOfAnotherInstance
          mkdir %1$s.restore; touch %1$s.restore/x          | VolumeOfAnotherInstance
          mkdir %1$s.restore; touch %1$s.restore/x; echo other > restoring | VolumeOfAnotherInstance
          """)
  void refusesAVolumeWithOtherData(String shell, String reason) {
    // Given
    TestVolume volume = emptyVolume();
    volume.shell(shell.formatted(Docker.MAJOR, TestPod.INSTANCE_ID) + "; chown -R 999:999 .");
    String before = volume.listing();

    // When
    String failure = restore(archive, volume).start().awaitFailure();

    // Then
    assertThat(failure).contains("\"reason\":\"%s\"".formatted(reason));
    assertThat(volume.listing()).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "PGI_DATABASE, missing, The restored data has no database missing",
    "PGI_USERNAME, somebody, belongs to the role app"
  })
  void refusesDataThatDoesNotMatchTheSpec(String variable, String value, String message) {
    // Given
    TestVolume volume = emptyVolume();

    // When
    String failure = restore(archive, volume).with(variable, value).start().awaitFailure();

    // Then
    assertThat(failure).contains("\"reason\":\"SpecDoesNotMatchData\"", message);
    assertThat(files(volume)).doesNotContain(DATA, "instance-id");
  }

  private void assertRefused(TestArchive from, String variable, String value, String reason) {
    // Given
    TestVolume volume = emptyVolume();
    String before = volume.listing();

    // When
    TestRestore restore = restore(from, volume).with("PGI_SOURCE_BACKUP", TestArchive.FIRST);
    String failure = restore.with(variable, value).start().awaitFailure();

    // Then
    assertThat(failure).contains("\"reason\":\"%s\"".formatted(reason));
    assertThat(volume.listing()).isEqualTo(before);
  }

  private void assertIncomplete(TestArchive from, String reason) {
    assertIncomplete(from, TestArchive.FIRST, reason);
  }

  private void assertIncomplete(TestArchive from, String backup, String reason) {
    // Given
    TestVolume volume = emptyVolume();

    // When
    TestRestore restore = restore(from, volume).with("PGI_SOURCE_BACKUP", backup);
    String failure = restore.start().awaitFailure();

    // Then
    assertThat(failure).contains("\"reason\":\"%s\"".formatted(reason));
    assertThat(files(volume)).doesNotContain(DATA, "instance-id", "restored.json");
    assertServerRefuses(volume);

    // When: the archive was repaired
    restore(archive, volume).start().awaitResult();

    // Then
    assertRows(volume, 500);
  }

  /** No empty database takes the place of the one that was ordered. */
  private static void assertServerRefuses(TestVolume volume) {
    String before = volume.listing();
    assertThat(volume.pod().restored().start().awaitRefusal()).startsWith("DataMissing: ");
    assertThat(volume.listing()).isEqualTo(before);
  }

  /** The rows are those of the first transactions, all of them and no other ones. */
  private static void assertRows(TestVolume volume, int count) {
    TestServer server = volume.pod().start().awaitReady();
    assertThat(server.query("SELECT string_agg(id::text, ' ' ORDER BY id) FROM ledger"))
        .isEqualTo(
            IntStream.rangeClosed(1, count)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(" ")));
    assertThat(server.query("SELECT count(*) FROM load")).isEqualTo("60000");
    assertThat(server.superuserQuery("SHOW data_checksums")).isEqualTo("on");
    server.stop();
  }

  private static Matcher result(String text) {
    Matcher matcher = RESULT.matcher(text);
    assertThat(matcher.matches()).as(text).isTrue();
    return matcher;
  }

  private static List<String> files(TestVolume volume) {
    return volume.shell("ls -A").lines().toList();
  }

  private static Path partial(TestArchive archive) throws IOException {
    try (var files = Files.list(archive.wal("x").getParent())) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(".partial.gz"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static byte[] unzip(Path file) throws IOException {
    try (var content = new GZIPInputStream(Files.newInputStream(file))) {
      return content.readAllBytes();
    }
  }

  private static void flipByte(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
  }

  private TestVolume emptyVolume() {
    return opened(workbench.emptyVolume());
  }

  private TestArchive copy() {
    return opened(archive.copy());
  }

  private TestRestore restore(TestArchive from, TestVolume volume) {
    return opened(new TestRestore(from, volume));
  }

  private <T extends AutoCloseable> T opened(T closeable) {
    opened.add(closeable);
    return closeable;
  }
}
