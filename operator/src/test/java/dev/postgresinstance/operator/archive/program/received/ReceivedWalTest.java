package dev.postgresinstance.operator.archive.program.received;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.Catalogue;
import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.ProgressRecord;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.restore.wal.TestWal;
import dev.postgresinstance.operator.archive.program.restore.wal.WalSource;
import dev.postgresinstance.operator.archive.store.InMemoryStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceivedWalTest {

  private static final String ID = "77aa";
  private static final String LINEAGE = "7460-00000001-20261128t020000z";
  private static final Instant TIME = Instant.parse("2026-11-28T04:00:00Z");
  private static final Lsn START = new Lsn(3L * TestWal.SEGMENT_SIZE);

  @TempDir Path spool;
  private final InMemoryStore store = new InMemoryStore();
  private final TestWal wal = new TestWal(1, START);
  private final WalSegment first = wal.segment(START);
  private Lsn stored;

  @BeforeEach
  void storeTheBeginning() throws Exception {
    stored = wal.record(1000);
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
                TIME,
                "owner",
                "orders",
                "shop",
                null,
                null)));
    store.put(
        ArchiveLayout.progress(ID, LINEAGE),
        ArchiveJson.write(new ProgressRecord(1, stored, TIME)));
    store.put(ArchiveLayout.partialWal(ID, LINEAGE, first.name()), wal.zipped(first));
    Files.createDirectories(spool.resolve("wal"));
    Files.writeString(spool.resolve("lineage"), LINEAGE);
  }

  @Test
  void findsTheEndOfTheSegmentThatIsBeingReceived() throws Exception {
    Lsn end = wal.record(3 * TestWal.PAGE);
    received(first.name() + ".partial", wal.content(first));

    assertThat(find().orElseThrow().progress()).isEqualTo(new ProgressRecord(1, end, TIME));
  }

  @Test
  void continuesOverSegmentsThatAreComplete() throws Exception {
    wal.record(TestWal.SEGMENT_SIZE);
    Lsn end = wal.record(200);
    received(first.name(), wal.content(first));
    received(first.next().name() + ".partial", wal.content(first.next()));

    assertThat(find().orElseThrow().progress().lsn()).isEqualTo(end);
  }

  /** A power failure may leave the length of a record without its content. */
  @Test
  void endsBeforeARecordWithoutItsContent() throws Exception {
    Lsn end = wal.record(300);
    Lsn torn = wal.record(2 * TestWal.PAGE);
    byte[] content = wal.content(first).clone();
    int offset = (int) (torn.value() - START.value());
    Arrays.fill(content, offset - 100, offset, (byte) 7);
    received(first.name() + ".partial", content);

    assertThat(find().orElseThrow().progress().lsn()).isEqualTo(end);
  }

  /** Its checksum is in the segment before. */
  @Test
  void recordFromTheSegmentBeforeCountsOnlyWhenItIsComplete() throws Exception {
    // Given
    Lsn end = wal.record(TestWal.SEGMENT_SIZE);
    byte[] torn = wal.content(first.next()).clone();
    torn[(int) (end.value() % TestWal.SEGMENT_SIZE) - 9] ^= 1;
    received(first.name(), wal.content(first));

    // When, then
    received(first.next().name() + ".partial", wal.content(first.next()));
    assertThat(find().orElseThrow().progress().lsn()).isEqualTo(end);

    received(first.next().name() + ".partial", torn);
    assertThat(find().orElseThrow().progress().lsn()).isEqualTo(first.end());
  }

  @Test
  void segmentBeforeMayOnlyBeInTheArchive() throws Exception {
    // Given
    Lsn end = wal.record(TestWal.SEGMENT_SIZE);
    store.put(ArchiveLayout.wal(ID, LINEAGE, first.name()), wal.zipped(first));
    store.put(
        ArchiveLayout.progress(ID, LINEAGE),
        ArchiveJson.write(new ProgressRecord(1, first.end(), TIME)));

    // When
    received(first.next().name() + ".partial", wal.content(first.next()));

    // Then
    assertThat(find().orElseThrow().progress().lsn()).isEqualTo(end);
  }

  @Test
  void findsNothingWhereTheArchiveHasEverything() throws Exception {
    received(first.name() + ".partial", wal.content(first));

    assertThat(find()).isEmpty();
  }

  @Test
  void findsNothingAfterAGap() throws Exception {
    wal.record(TestWal.SEGMENT_SIZE);
    received(first.next().name() + ".partial", wal.content(first.next()));

    assertThat(find()).isEmpty();
  }

  @Test
  void findsNothingOfALineageThatIsNotInTheArchive() throws Exception {
    wal.record(100);
    received(first.name() + ".partial", wal.content(first));
    Files.writeString(spool.resolve("lineage"), "7460-00000001-20261129t020000z");

    assertThat(find()).isEmpty();
    assertThat(ReceivedWal.find(store, spool.resolve("none"), ID)).isEmpty();
  }

  @Test
  void restoreSeesWhatWasReceived() throws Exception {
    wal.record(TestWal.SEGMENT_SIZE);
    Lsn end = wal.record(200);
    received(first.name(), wal.content(first));
    received(first.next().name() + ".partial", wal.content(first.next()));
    ArchiveWithReceived archive = new ArchiveWithReceived(store, find().orElseThrow());

    assertThat(Catalogue.read(archive, ID).lineages().getFirst().endLsn()).isEqualTo(end);
    WalSource source = new WalSource(archive, ID, LINEAGE, 1, TestWal.SEGMENT_SIZE, end);
    assertThat(source.lastRecordEnd(stored)).isEqualTo(end);
    Files.move(
        spool.resolve("wal").resolve(first.next().name() + ".partial"),
        spool.resolve("wal").resolve(first.next().name()));
    assertThat(source.lastRecordEnd(stored)).as("when it is complete meanwhile").isEqualTo(end);
    assertThatThrownBy(() -> archive.put("a", new byte[0]))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void makesItAPartOfTheArchive() throws Exception {
    wal.record(TestWal.SEGMENT_SIZE);
    Lsn end = wal.record(200);
    received(first.name(), wal.content(first));
    received(first.next().name() + ".partial", wal.content(first.next()));

    find().orElseThrow().store(store, spool.resolve("compressed"));

    assertThat(find()).isEmpty();
    assertThat(spool.resolve("compressed")).doesNotExist();
    assertThat(store.requests())
        .as("an upload needs the memory for a part")
        .noneMatch(request -> request.operation() == InMemoryStore.Operation.UPLOAD);
    assertThat(Catalogue.read(store, ID).lineages().getFirst().endLsn()).isEqualTo(end);
    WalSource source = new WalSource(store, ID, LINEAGE, 1, TestWal.SEGMENT_SIZE, end);
    assertThat(source.lastRecordEnd(stored)).isEqualTo(end);
  }

  private Optional<ReceivedWal> find() throws Exception {
    return ReceivedWal.find(store, spool, ID);
  }

  private void received(String name, byte[] content) throws Exception {
    Files.write(spool.resolve("wal").resolve(name), content);
  }
}
