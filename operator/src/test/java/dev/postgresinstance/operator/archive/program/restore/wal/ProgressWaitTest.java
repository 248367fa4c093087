package dev.postgresinstance.operator.archive.program.restore.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.TestArchive;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.store.StoreException;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProgressWaitTest {

  private static final Instant BEGIN = Instant.parse("2026-11-28T00:00:00Z");
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofMillis(20);

  private TestArchive archive;
  private int checks;

  @BeforeEach
  void archiveWithABackup() throws StoreException {
    archive = new TestArchive(BEGIN);
    archive.backup();
  }

  @Test
  void anArchiveThatContainsTheMomentIsNotAwaited() throws Exception {
    await(archive.now(), SHORT);

    assertThat(checks).isZero();
  }

  @Test
  void waitsUntilTheProgressReachesTheMoment() throws Exception {
    Instant moment = archive.now().plusSeconds(60);
    int[] requests = {0};
    archive
        .store()
        .onRequest(
            request -> {
              if (request.key().endsWith("progress.json")) {
                requests[0]++;
              }
              if (requests[0] == 3) {
                throw new StoreException(Problem.UNREACHABLE, "away", null);
              }
              if (requests[0] == 5) {
                requests[0]++;
                archive.run(LONG);
              }
            });

    await(moment, LONG);

    assertThat(checks).isGreaterThan(1);
    assertThat(archive.now()).isEqualTo(moment);
  }

  @Test
  void endOfABackupIsNoProgressOfTheLog() throws Exception {
    // A transaction may have committed between the last position of the backup and its end.
    archive
        .store()
        .delete(List.of(ArchiveLayout.progress(TestArchive.INSTANCE, archive.lineage())));

    assertThat(reasonAfter(archive.now())).isEqualTo("ArchiveBehind");
  }

  @Test
  void onlyTheProgressOfTheLineageCounts() throws Exception {
    String first = archive.lineage();
    archive.pause(LONG);
    archive.newLineage();
    archive.run(LONG);

    await(archive.now(), SHORT);
    assertThat(
            catchThrowableOfType(ProgramFailure.class, () -> await(first, archive.now(), SHORT))
                .reason())
        .isEqualTo("ArchiveBehind");
  }

  @Test
  void namesWhatTheArchiveContains() {
    assertThatThrownBy(() -> await(BEGIN.plusSeconds(3600), Duration.ZERO))
        .hasMessage(
            "The archive is behind: it must contain everything from before 2026-11-28T01:00:00Z, when this instance was created, and 0 s later it contains everything from before 2026-11-28T00:30:00Z. The condition BackupReady of the instance that spec.source names says why.");
  }

  private String reasonAfter(Instant moment) {
    return catchThrowableOfType(ProgramFailure.class, () -> await(moment, SHORT)).reason();
  }

  private void await(Instant moment, Duration patience) throws Exception {
    await(archive.lineage(), moment, patience);
  }

  private void await(String lineage, Instant moment, Duration patience) throws Exception {
    new ProgressWait(
            archive.store(), TestArchive.INSTANCE, lineage, () -> ++checks, Duration.ofMillis(1))
        .await(moment, patience);
  }
}
