package dev.postgresinstance.operator.archive.program.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.ProgressRecord;
import dev.postgresinstance.operator.archive.program.FakeServer;
import dev.postgresinstance.operator.archive.program.GuardSlot;
import dev.postgresinstance.operator.archive.program.ship.LineageDecision.Stored;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LineageDecisionTest {

  private static final Instant START = Instant.parse("2026-11-28T03:00:00Z");
  private static final GuardSlot SLOT =
      new GuardSlot(GuardSlot.nameFor(START), true, Optional.of(new Lsn(4 * FakeServer.SEGMENT)));

  private final FakeServer server = new FakeServer();

  LineageDecisionTest() {
    server.slots.add(SLOT);
    server.flushLsn = new Lsn(5 * FakeServer.SEGMENT + 7);
  }

  @Test
  void aLineageOfTheSameServerWithItsSlotIsContinued() {
    assertThat(gap(stored(5 * FakeServer.SEGMENT + 7))).isEmpty();
    assertThat(gap(new Stored(stored(0).lineage(), Optional.empty()))).isEmpty();
  }

  @Test
  void anotherDatabaseSystemHasAnotherLineage() {
    server.systemIdentifier = "1";
    assertThat(gap(stored(0))).contains("The volume contains another database system.");
  }

  @Test
  void aCopyOfTheVolumeHasAnotherLineage() {
    assertThat(LineageDecision.gap(stored(0), server.stateNow(), "another claim"))
        .contains("The data is on another volume.");
  }

  @Test
  void aRecoveredServerHasAnotherLineage() {
    server.timeline = 2;
    assertThat(gap(stored(0))).contains("The server is on timeline 2, not 1: it was recovered.");
  }

  @Test
  void aServerThatLacksWhatIsInTheStoreHasAnotherLineage() {
    assertThat(gap(stored(5 * FakeServer.SEGMENT + 8)))
        .contains(
            "The server's write-ahead log ends at 0/50007, before that in the store, 0/50008.");
  }

  @Test
  void aMissingOrLostSlotIsAGap() {
    server.loseSlots();
    assertThat(gap(stored(0)).orElseThrow()).contains("max_slot_wal_keep_size");

    server.slots.clear();
    assertThat(gap(stored(0))).contains("The server has no replication slot of the lineage.");
  }

  @Test
  void continuesBehindWhatIsInTheStore() {
    // Then: at the slot
    assertThat(next(new Stored(stored(0).lineage(), Optional.empty()))).isEqualTo(4);
    assertThat(next(stored(3 * FakeServer.SEGMENT + 10))).isEqualTo(4);
    // Then: at the progress, in the segment that is stored in part
    assertThat(next(stored(5 * FakeServer.SEGMENT + 7))).isEqualTo(5);
    assertThat(next(stored(5 * FakeServer.SEGMENT))).isEqualTo(5);
  }

  @Test
  void neverBeginsBeforeTheLineage() {
    GuardSlot early = new GuardSlot(SLOT.name(), true, Optional.of(new Lsn(40)));

    Lineage lineage =
        LineageDecision.continued(
            new Stored(stored(0).lineage(), Optional.empty()), early, server.stateNow());

    assertThat(lineage.next().number()).isEqualTo(3);
    assertThat(lineage.confirmed()).isEqualTo(new Lsn(40));
  }

  @Test
  void theNewestLineageIsTheOneThatStartedLast() {
    assertThat(
            LineageDecision.newest(
                List.of(
                    "9-00000001-20261128t030000z",
                    "1-00000002-20261129t030000z",
                    "5-00000003-20261127t030000z",
                    "something else")))
        .contains("1-00000002-20261129t030000z");
    assertThat(LineageDecision.newest(List.of("x"))).isEmpty();
  }

  private Optional<String> gap(Stored stored) {
    return LineageDecision.gap(stored, server.stateNow(), "claim");
  }

  private long next(Stored stored) {
    return LineageDecision.continued(stored, SLOT, server.stateNow()).next().number();
  }

  private static Stored stored(long progress) {
    LineageRecord lineage =
        new LineageRecord(
            1,
            "id",
            SLOT.lineage(FakeServer.SYSTEM, 1),
            FakeServer.SYSTEM,
            1,
            FakeServer.SEGMENT,
            "17.6",
            new Lsn(3 * FakeServer.SEGMENT),
            START,
            "claim",
            "orders",
            "shop",
            null,
            null);
    return new Stored(lineage, Optional.of(new ProgressRecord(1, new Lsn(progress), START)));
  }
}
