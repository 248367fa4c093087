package dev.postgresinstance.operator.archive.program.restore.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.store.InMemoryStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalSourceTest {

  private static final Lsn START = new Lsn(3L * TestWal.SEGMENT_SIZE);

  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private final TestWal wal = new TestWal(2, START);
  private final WalSegment first = wal.segment(START);

  @Test
  void deliversACompleteSegment() throws Exception {
    wal.record(TestWal.SEGMENT_SIZE);
    put(first.name(), wal.zipped(first));

    assertThat(download(upTo(wal.end()), first.name())).isTrue();
    assertThat(folder.resolve(first.name())).hasBinaryContent(wal.content(first));
  }

  @Test
  void deliversNothingBehindTheEnd() throws Exception {
    // Given
    Lsn end = wal.record(100);
    byte[] before = wal.content(first).clone();
    wal.record(TestWal.SEGMENT_SIZE);
    put(first.name(), wal.zipped(first));
    put(first.next().name(), wal.zipped(first.next()));
    WalSource source = upTo(end);

    // When
    boolean delivered = download(source, first.name());

    // Then
    assertThat(delivered).isTrue();
    assertThat(folder.resolve(first.name())).hasBinaryContent(before);
    assertThat(download(source, first.next().name())).isFalse();
    assertThat(source.segment(first.next().name())).isEmpty();
  }

  @Test
  void partialSegmentGetsItsFullSize() throws Exception {
    Lsn end = wal.record(100);
    put(first.name() + ".partial", TestWal.zip(Arrays.copyOf(wal.content(first), TestWal.PAGE)));

    assertThat(download(upTo(end), first.name())).isTrue();
    assertThat(folder.resolve(first.name())).hasBinaryContent(wal.content(first));
  }

  @Test
  void partsContinueTheBeginning() throws Exception {
    // Given
    Lsn end = wal.record(3 * TestWal.PAGE);
    putParts(end, 5_000, 5_100, 20_000);

    // Then
    assertThat(upTo(end).lastRecordEnd(START)).isEqualTo(end);
    assertThat(download(upTo(end), first.name())).isTrue();
    assertThat(folder.resolve(first.name())).hasBinaryContent(wal.content(first));
  }

  @Test
  void missingPartIsAFailureOnlyIfItIsNeeded() throws Exception {
    // Given
    Lsn early = wal.record(5_000);
    Lsn end = wal.record(3 * TestWal.PAGE);
    putParts(end, 6_000, 7_000);
    store.delete(List.of("id/lineage/wal/" + first.name() + ".partial-00001770.gz"));

    // Then
    assertThat(failure(first.name(), end).getMessage())
        .endsWith(
            "is damaged: it has 6000 bytes, but must have %d."
                .formatted(end.value() - START.value()));
    assertThat(failure(() -> upTo(end).lastRecordEnd(START)).reason()).isEqualTo("WalDamaged");
    assertThat(upTo(early).lastRecordEnd(START)).isEqualTo(early);
    assertThat(download(upTo(early), first.name())).isTrue();
  }

  @Test
  void damagedPartIsAFailure() throws Exception {
    Lsn end = wal.record(3 * TestWal.PAGE);
    putParts(end, 6_000);
    put(first.name() + ".partial-00001770", new byte[] {1, 2, 3});

    assertThat(failure(first.name(), end).reason()).isEqualTo("WalDamaged");
    assertThat(failure(() -> upTo(end).lastRecordEnd(START)).reason()).isEqualTo("WalDamaged");
  }

  @Test
  void partWithoutContentContinuesNothing() throws Exception {
    Lsn end = wal.record(3 * TestWal.PAGE);
    putParts(end, 6_000);
    put(first.name() + ".partial-00001770", TestWal.zip(new byte[0]));

    assertThat(failure(first.name(), end).reason()).isEqualTo("WalDamaged");
  }

  @Test
  void segmentThatIsCompletedMeanwhileIsReadAgain() throws Exception {
    // Given
    Lsn end = wal.record(3 * TestWal.PAGE);
    putParts(end, 6_000, 7_000);
    String part = "id/lineage/wal/" + first.name() + ".partial-00001770.gz";
    AtomicBoolean completed = new AtomicBoolean();
    store.onRequest(
        request -> {
          if (request.key().equals(part) && !completed.getAndSet(true)) {
            put(first.name(), wal.zipped(first));
            store.delete(List.of(part));
          }
        });

    // Then
    assertThat(upTo(end).lastRecordEnd(START)).isEqualTo(end);
    assertThat(download(upTo(end), first.name())).isTrue();
  }

  @Test
  void segmentThatIsCompletedBeforeItsBeginningIsReadIsNotMissing() throws Exception {
    // Given
    Lsn end = wal.record(3 * TestWal.PAGE);
    String beginning = "id/lineage/wal/" + first.name() + ".partial.gz";
    putParts(end, 6_000);
    AtomicBoolean completed = new AtomicBoolean();
    store.onRequest(
        request -> {
          if (request.key().equals(beginning) && !completed.getAndSet(true)) {
            put(first.name(), wal.zipped(first));
            store.delete(List.of(beginning));
          }
        });

    // Then
    assertThat(upTo(end).lastRecordEnd(START)).isEqualTo(end);
    assertThat(download(upTo(end), first.name())).isTrue();
  }

  @Test
  void completeSegmentIsPreferred() throws Exception {
    Lsn end = wal.record(TestWal.PAGE);
    put(first.name(), wal.zipped(first));
    put(first.name() + ".partial", TestWal.zip(new byte[10]));

    assertThat(download(upTo(end), first.name())).isTrue();
  }

  @Test
  void missingSegmentBeforeTheEndIsAFailure() {
    wal.record(2 * TestWal.SEGMENT_SIZE);

    assertThat(failure(first.name(), wal.end()).reason()).isEqualTo("WalMissing");
  }

  @Test
  void historiesMayBeMissing() throws Exception {
    put("00000002.history", TestWal.zip(new byte[] {'x'}));
    WalSource source = upTo(START);

    assertThat(download(source, "00000002.history")).isTrue();
    assertThat(folder.resolve("00000002.history")).hasContent("x");
    assertThat(download(source, "00000003.history")).isFalse();
    assertThat(download(source, "000000010000000000000003")).isFalse();
    source.checkHistory();
  }

  @Test
  void historyOfTheTimelineMustBeThere() {
    assertThat(
            catchThrowableOfType(ProgramFailure.class, () -> upTo(START).checkHistory()).reason())
        .isEqualTo("WalMissing");
  }

  @Test
  void damagedSegmentIsAFailure() throws Exception {
    wal.record(TestWal.SEGMENT_SIZE);
    byte[] zipped = wal.zipped(first);
    byte[] changed = zipped.clone();
    changed[zipped.length / 2] ^= 1;
    for (byte[] damaged :
        new byte[][] {
          TestWal.firstHalf(zipped),
          changed,
          {1, 2, 3},
          {},
          TestWal.zip(TestWal.firstHalf(wal.content(first))),
          TestWal.zip(Arrays.copyOf(wal.content(first), TestWal.SEGMENT_SIZE + 1))
        }) {
      put(first.name(), damaged);

      assertThat(failure(first.name(), wal.end()).reason()).isEqualTo("WalDamaged");
      assertThat(folder.resolve(first.name())).doesNotExist();
    }
  }

  @Test
  void partialSegmentMustReachTheEnd() throws Exception {
    wal.record(3 * TestWal.PAGE);
    put(first.name() + ".partial", TestWal.zip(Arrays.copyOf(wal.content(first), TestWal.PAGE)));

    assertThat(failure(first.name(), wal.end()).reason()).isEqualTo("WalDamaged");
  }

  @Test
  void failureOfTheStoreIsNoDamage() throws Exception {
    wal.record(TestWal.SEGMENT_SIZE);
    put(first.name(), wal.zipped(first));
    store.fail(StoreException.Problem.UNREACHABLE);

    assertThat(
            catchThrowableOfType(
                StoreException.class, () -> download(upTo(wal.end()), first.name())))
        .isNotNull();
  }

  @Test
  void lastRecordMayBeginManySegmentsBefore() throws Exception {
    Lsn end = wal.record(100);
    wal.record(3 * TestWal.SEGMENT_SIZE);
    for (WalSegment segment = first;
        segment.start().compareTo(wal.end()) < 0;
        segment = segment.next()) {
      put(segment.name(), wal.zipped(segment));
    }

    assertThat(upTo(wal.end()).lastRecordEnd(START)).isEqualTo(wal.end());
    assertThat(upTo(new Lsn(wal.end().value() - 8)).lastRecordEnd(START)).isEqualTo(end);
    assertThat(upTo(end).lastRecordEnd(end)).isEqualTo(end);
    assertThat(upTo(new Lsn(end.value() + 500)).lastRecordEnd(end)).isEqualTo(end);
  }

  @Test
  void archiveMustContainWhatItSays() throws Exception {
    wal.record(100);
    Lsn said = new Lsn(wal.end().value() + TestWal.PAGE);
    put(first.name() + ".partial", wal.zipped(first));

    assertThat(
            catchThrowableOfType(ProgramFailure.class, () -> upTo(said).lastRecordEnd(START))
                .reason())
        .isEqualTo("WalDamaged");
  }

  private ProgramFailure failure(String name, Lsn end) {
    return failure(() -> download(upTo(end), name));
  }

  private static ProgramFailure failure(ThrowingCallable call) {
    return catchThrowableOfType(ProgramFailure.class, call);
  }

  /** A beginning, and parts that begin at offsets. */
  private void putParts(Lsn end, int... offsets) throws StoreException {
    byte[] content = wal.content(first);
    put(first.name() + ".partial", TestWal.zip(Arrays.copyOf(content, offsets[0])));
    for (int i = 0; i < offsets.length; i++) {
      int last = (int) (end.value() - START.value());
      int to = i + 1 < offsets.length ? offsets[i + 1] : last;
      put(
          first.name() + ".partial-%08X".formatted(offsets[i]),
          TestWal.zip(Arrays.copyOfRange(content, offsets[i], to)));
    }
  }

  private boolean download(WalSource source, String name) throws Exception {
    Path target = folder.resolve(name);
    Files.deleteIfExists(target);
    return source.download(name, target);
  }

  private WalSource upTo(Lsn end) {
    return new WalSource(store, "id", "lineage", 2, TestWal.SEGMENT_SIZE, end);
  }

  private void put(String file, byte[] content) throws StoreException {
    store.put("id/lineage/wal/" + file + ".gz", content);
  }
}
