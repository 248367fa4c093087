package dev.postgresinstance.operator.archive.program.restore.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalEndTest {

  private static final Lsn START = new Lsn(3L * TestWal.SEGMENT_SIZE);

  private final TestWal wal = new TestWal(1, START);
  private final WalSegment segment = wal.segment(START);

  @Test
  void findsTheEndOfARecord() throws Exception {
    wal.record(50);
    Lsn end = wal.record(333);

    assertThat(find(end)).contains(end);
    assertThat(find(new Lsn(end.value() + 8), wal.record(64))).contains(end);
  }

  /** Lengths that end in the middle of a page, cross one and cross many. */
  @ParameterizedTest
  @ValueSource(ints = {100, 9_000, 100_000})
  void findsTheRecordBeforeOneThatIsNotComplete(int length) throws Exception {
    Lsn end = wal.record(40);
    Lsn next = wal.record(length);

    for (long limit : new long[] {end.value() + 4, end.value() + 30, next.value() - 8}) {
      assertThat(find(new Lsn(limit))).contains(end);
    }
    assertThat(find(next)).contains(next);
  }

  @Test
  void everyRecordThatFillsAPageExactlyEndsAtThePage() throws Exception {
    wal.record(TestWal.PAGE - 40);
    Lsn end = wal.end();

    assertThat(end.value() % TestWal.PAGE).isZero();
    assertThat(find(end)).contains(end);
    assertThat(find(new Lsn(end.value() + 24))).contains(end);
    assertThat(find(wal.record(30))).contains(wal.end());
  }

  @Test
  void theStartOfASegmentIsTheEndOfTheRecordBefore() throws Exception {
    wal.record(100);

    assertThat(find(new Lsn(START.value() + 48))).contains(START);
  }

  @Test
  void recordFromTheSegmentBeforeMayEndInThisOne() throws Exception {
    wal.record(TestWal.SEGMENT_SIZE);
    Lsn end = wal.end();
    WalSegment second = wal.segment(end);

    assertThat(WalEnd.find(wal.open(second), second, end)).contains(end);
    assertThat(WalEnd.find(wal.open(second), second, new Lsn(end.value() - 8))).isEmpty();
    assertThat(find(segment.end())).contains(START);
  }

  @Test
  void segmentMayEndWithASwitch() throws Exception {
    wal.record(100);
    Lsn end = wal.switchSegment();

    assertThat(find(segment.end())).contains(segment.end());
    // Received while the server sent the empty rest.
    assertThat(find(new Lsn(end.value() + TestWal.PAGE))).contains(end);
  }

  @Test
  void switchMayCrossAPage() throws Exception {
    wal.record(TestWal.PAGE - 40 - 8);
    wal.switchSegment();

    assertThat(find(segment.end())).contains(segment.end());
  }

  @Test
  void crashedServerLeavesAnAbandonedRecord() throws Exception {
    wal.record(100);
    wal.abandonedRecord(50_000);
    Lsn end = wal.record(200);

    assertThat(find(end)).contains(end);
  }

  @Test
  void zerosBeforeTheLimitAreDamage() {
    Lsn end = wal.record(100);
    Lsn limit = new Lsn(end.value() + 3 * TestWal.PAGE);

    assertThatThrownBy(() -> find(limit))
        .isInstanceOf(DamagedWalException.class)
        .hasMessage("at %s, there is no record", end);
  }

  @Test
  void pageOfAnotherPositionIsDamage() {
    Lsn end = wal.record(3 * TestWal.PAGE);
    byte[] content = wal.content(segment).clone();
    content[TestWal.PAGE + 8] ^= 1;

    assertThatThrownBy(() -> find(content, end)).hasMessageContaining("no page begins");
  }

  @Test
  void pageThatContinuesAnotherRecordIsDamage() {
    Lsn end = wal.record(3 * TestWal.PAGE);
    byte[] content = wal.content(segment).clone();
    content[TestWal.PAGE + 16] ^= 1;

    assertThatThrownBy(() -> find(content, end))
        .hasMessageContaining("does not continue the record before");
  }

  @Test
  void fileMayEndBehindTheLimitButNotBefore() throws Exception {
    Lsn end = wal.record(100);
    Lsn later = wal.record(2 * TestWal.PAGE);
    byte[] content = Arrays.copyOf(wal.content(segment), 200);

    assertThat(find(content, end)).contains(end);
    assertThatThrownBy(() -> find(content, later)).hasMessageContaining("the file ends");
  }

  private Optional<Lsn> find(Lsn limit) throws IOException, DamagedWalException {
    return find(wal.content(segment), limit);
  }

  /** After something that changes the log. */
  private Optional<Lsn> find(Lsn limit, Lsn written) throws IOException, DamagedWalException {
    assertThat(written.isAtLeast(limit)).isTrue();
    return find(limit);
  }

  private Optional<Lsn> find(byte[] content, Lsn limit) throws IOException, DamagedWalException {
    return WalEnd.find(new ByteArrayInputStream(content), segment, limit);
  }
}
