package dev.postgresinstance.operator.archive.program.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.restore.wal.TestWal;
import dev.postgresinstance.operator.archive.program.restore.wal.WalSource;
import dev.postgresinstance.operator.archive.program.ship.progress.DurableTimes;
import dev.postgresinstance.operator.archive.program.ship.progress.Progress;
import dev.postgresinstance.operator.archive.program.ship.progress.Reached;
import dev.postgresinstance.operator.archive.program.ship.spool.Spool;
import dev.postgresinstance.operator.archive.store.InMemoryStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartialUploadTest {

  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final Lsn START = new Lsn(3L * TestWal.SEGMENT_SIZE);

  @TempDir Path folder;

  private final TestWal wal = new TestWal(1, START);
  private final InMemoryStore store = new InMemoryStore();
  private WalSegment segment = wal.segment(START);
  private Spool spool;
  private Progress progress;
  private PartialUpload partial;
  private Duration clock = Duration.ZERO;

  @BeforeEach
  void begin() throws IOException {
    spool = new Spool(folder);
    Reached reached = new Reached(START, Optional.empty());
    progress = new Progress(store, "progress", new DurableTimes(), reached, clock::toNanos);
    partial =
        new PartialUpload(
            new WalFolder(store, spool, "id", "lineage"),
            spool,
            TestWal.PAGE,
            progress,
            INTERVAL,
            () -> clock.toNanos());
  }

  @Test
  void whatTheServerHasNotLearnedYetIsStoredAndCounts() throws Exception {
    Lsn reported = wal.record(500);
    wal.record(20_000);
    Lsn end = wal.record(60);
    received(wal.content(segment));

    partial.uploadIfDue(segment, Optional.of(reported));

    assertThat(progress.reached().lsn()).isEqualTo(end);
    storeHasEverythingBefore(end);
  }

  @Test
  void eachUploadHasOnlyWhatIsNew() throws Exception {
    // Given
    wal.record(100_000);
    received(wal.content(segment));
    partial.uploadIfDue(segment, Optional.empty());
    Lsn first = progress.reached().lsn();

    // When: records that end in a page, with the page, and on another one
    Lsn second = wal.record(60);
    received(wal.content(segment));
    uploadNext();
    Lsn third = wal.record(TestWal.PAGE - (int) (second.value() % TestWal.PAGE));
    received(wal.content(segment));
    uploadNext();
    Lsn last = wal.record(30_000);
    received(wal.content(segment));
    uploadNext();
    uploadNext();

    // Then
    assertThat(stored())
        .containsExactly(
            segment.name() + ".partial-%08X.gz".formatted(offset(first)),
            segment.name() + ".partial-%08X.gz".formatted(offset(second)),
            segment.name() + ".partial-%08X.gz".formatted(offset(third)),
            segment.name() + ".partial.gz");
    assertThat(progress.reached().lsn()).isEqualTo(last);
    storeHasEverythingBefore(second);
    storeHasEverythingBefore(third);
    storeHasEverythingBefore(last);
  }

  @Test
  void manyPartsAreReplacedByABeginning() throws Exception {
    for (int i = 0; i <= PartialUpload.MAX_PARTS + 1; i++) {
      wal.record(200);
      received(wal.content(segment));
      uploadNext();
    }

    assertThat(stored()).containsExactly(segment.name() + ".partial.gz");
    assertThat(progress.reached().lsn()).isEqualTo(wal.end());
    storeHasEverythingBefore(wal.end());
  }

  @Test
  void anotherProcessBeginsAgainBesideThePartsOfTheFirst() throws Exception {
    // Given
    for (int i = 0; i < 3; i++) {
      wal.record(5_000);
      received(wal.content(segment));
      uploadNext();
    }
    Progress before = progress;

    // When
    begin();
    progress.reach(before.reached().lsn());
    uploadNext();
    assertThat(stored()).hasSize(3);
    wal.record(5_000);
    received(wal.content(segment));
    uploadNext();
    Lsn end = wal.record(5_000);
    received(wal.content(segment));
    uploadNext();

    // Then
    assertThat(progress.reached().lsn()).isEqualTo(end);
    storeHasEverythingBefore(end);
  }

  @Test
  void completeSegmentLeavesNoParts() throws Exception {
    for (int i = 0; i < 3; i++) {
      wal.record(5_000);
      received(wal.content(segment));
      uploadNext();
    }

    partial.completed(segment);

    assertThat(stored()).isEmpty();
  }

  @Test
  void nothingIsStoredWhileNothingIsWritten() throws Exception {
    wal.record(5_000);
    received(wal.content(segment));
    partial.uploadIfDue(segment, Optional.empty());
    int requests = store.requests().size();

    for (int i = 0; i < 3; i++) {
      received(wal.content(segment)); // as pg_receivewal does when it starts
      uploadNext();
    }

    assertThat(store.requests()).hasSize(requests);
  }

  @Test
  void recordThatIsNotThereCompletelyDoesNotCount() throws Exception {
    Lsn end = wal.record(500);
    Lsn later = wal.record(20_000);
    byte[] content = wal.content(segment).clone();
    int last = (int) (later.value() - START.value()) - 8;
    content[last - 1] ^= 1; // as if the rest had been received after the page
    received(content);

    partial.uploadIfDue(segment, Optional.empty());

    assertThat(progress.reached().lsn()).isEqualTo(end);
  }

  /** Its checksum is in the segment before. */
  @Test
  void recordFromTheSegmentBeforeCountsWhenTheServerOrAnotherRecordProvesIt() throws Exception {
    // Given
    Lsn first = wal.record(TestWal.SEGMENT_SIZE);
    segment = segment.next();
    progress.reach(segment.start());
    received(wal.content(segment));

    // When, then
    partial.uploadIfDue(segment, Optional.empty());
    assertThat(progress.reached().lsn()).isEqualTo(segment.start());

    clock = clock.plus(INTERVAL);
    partial.uploadIfDue(segment, Optional.of(first));
    assertThat(progress.reached().lsn()).isEqualTo(first);

    Lsn second = wal.record(100);
    received(wal.content(segment));
    clock = clock.plus(INTERVAL);
    partial.uploadIfDue(segment, Optional.of(first));
    assertThat(progress.reached().lsn()).isEqualTo(second);
  }

  /** Another process would continue with the next segment, and this one would never be complete. */
  @Test
  void endOfTheSegmentIsLeftToTheCompleteSegment() throws Exception {
    // Given
    Lsn first = wal.record(100);
    wal.record(TestWal.SEGMENT_SIZE - (int) (first.value() % TestWal.SEGMENT_SIZE) - 127 * 24);
    assertThat(wal.end()).isEqualTo(segment.end());
    received(wal.content(segment));

    // When
    partial.uploadIfDue(segment, Optional.of(segment.end()));

    // Then
    assertThat(progress.reached().lsn()).isLessThan(segment.end());
  }

  @Test
  void segmentThatEndsWithASwitchIsStoredUpToTheSwitch() throws Exception {
    wal.record(100);
    Lsn end = wal.switchSegment();
    received(wal.content(segment));

    partial.uploadIfDue(segment, Optional.of(segment.end()));
    uploadNext();

    assertThat(progress.reached().lsn()).isEqualTo(end);
    storeHasEverythingBefore(end);
  }

  @Test
  void lessThanIsStoredReplacesNothing() throws Exception {
    // Given
    Lsn begin = wal.record(10_000);
    byte[] less = wal.content(segment).clone();
    Lsn end = wal.record(10_000);
    received(wal.content(segment));
    partial.uploadIfDue(segment, Optional.empty());

    // When: the receiver begins the segment again
    received(less);
    clock = clock.plus(INTERVAL);
    partial.uploadIfDue(segment, Optional.of(begin));

    // Then
    assertThat(progress.reached().lsn()).isEqualTo(end);
    storeHasEverythingBefore(end);
  }

  @Test
  void theIntervalCountsFromTheStartOfAnUpload() throws Exception {
    wal.record(100);
    received(wal.content(segment));
    store.onRequest(request -> clock = clock.plusSeconds(2));

    partial.uploadIfDue(segment, Optional.empty());

    assertThat(partial.untilDue()).isEqualTo(INTERVAL.minusSeconds(2));
  }

  @Test
  void uploadThatFailsIsRepeatedAtOnce() throws Exception {
    wal.record(100);
    received(wal.content(segment));
    store.onRequest(
        request -> {
          throw new StoreException(StoreException.Problem.UNREACHABLE, "no answer", null);
        });

    assertThatThrownBy(() -> partial.uploadIfDue(segment, Optional.empty()))
        .isInstanceOf(StoreException.class);

    assertThat(partial.untilDue()).isZero();
    assertThat(progress.reached().lsn()).isEqualTo(START);
  }

  /** The store accepts an upload whose answer was lost, after it has accepted others. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void uploadThatTakesEffectLateShortensNothing(boolean isBeginning) throws Exception {
    // Given
    if (!isBeginning) {
      wal.record(5_000);
      received(wal.content(segment));
      uploadNext();
    }
    Map<String, byte[]> late = new HashMap<>();
    store.onRequest(
        request -> {
          late.put(request.key(), outgoing());
          throw new StoreException(StoreException.Problem.UNREACHABLE, "no answer", null);
        });
    wal.record(5_000);
    received(wal.content(segment));
    assertThatThrownBy(this::uploadNext).isInstanceOf(StoreException.class);
    store.recover();

    // When
    for (int i = 0; i < 2; i++) {
      wal.record(5_000);
      received(wal.content(segment));
      uploadNext();
    }
    assertThat(late).hasSize(1);
    for (Map.Entry<String, byte[]> upload : late.entrySet()) {
      store.put(upload.getKey(), upload.getValue());
    }

    // Then
    assertThat(progress.reached().lsn()).isEqualTo(wal.end());
    storeHasEverythingBefore(wal.end());
  }

  private byte[] outgoing() {
    try {
      return Files.readAllBytes(spool.outgoing());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long offset(Lsn position) {
    return position.value() - segment.start().value();
  }

  private void received(byte[] content) throws IOException {
    Path file = spool.file(segment.name() + ArchiveLayout.PARTIAL);
    Files.write(file, Arrays.copyOf(content, TestWal.SEGMENT_SIZE));
  }

  /** Everything that a restore takes from the store, and nothing behind it. */
  private void storeHasEverythingBefore(Lsn end) throws Exception {
    Path target = folder.resolve("restored");
    new WalSource(store, "id", "lineage", 1, TestWal.SEGMENT_SIZE, end)
        .download(segment.name(), target);
    int length = (int) (end.value() - segment.start().value());
    assertThat(Arrays.copyOf(Files.readAllBytes(target), length))
        .isEqualTo(Arrays.copyOf(wal.content(segment), length));
  }

  private List<String> stored() throws IOException {
    String walFolder = ArchiveLayout.walFolder("id", "lineage");
    return store.list(walFolder).stream()
        .map(object -> object.key().substring(walFolder.length()))
        .toList();
  }

  private void uploadNext() throws IOException {
    clock = clock.plus(INTERVAL);
    partial.uploadIfDue(segment, Optional.empty());
  }
}
