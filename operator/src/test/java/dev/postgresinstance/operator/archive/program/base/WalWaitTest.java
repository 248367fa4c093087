package dev.postgresinstance.operator.archive.program.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.store.InMemoryStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class WalWaitTest {

  private static final String WAL = "id/lineage/wal/0000000100000000000000";

  private final InMemoryStore store = new InMemoryStore();

  @Test
  void aStopAtTheBeginOfASegmentNeedsNothingOfIt() throws Exception {
    put("03", "04");

    await("0/3000028", "0/5000000");
  }

  @Test
  void aPartialSegmentIsNotEnough() throws Exception {
    put("03");
    store.put(WAL + "04.partial.gz", new byte[1]);

    assertThatThrownBy(() -> await("0/3000028", "0/4000001"))
        .isInstanceOf(ProgramFailure.class)
        .hasMessageContaining("000000010000000000000004 is missing");
  }

  @Test
  void waitsForTheSegmentsInOrder() throws Exception {
    put("04");
    int[] requests = {0};
    store.onRequest(
        request -> {
          if (++requests[0] == 3) {
            put("03");
          }
          if (requests[0] == 2) {
            throw new StoreException(Problem.UNREACHABLE, "away", null);
          }
        });

    new WalWait(store, lineage(), Duration.ofMillis(1))
        .await(Lsn.parse("0/3000028"), Lsn.parse("0/4000100"), Duration.ofMinutes(1));

    assertThat(requests[0]).isGreaterThan(3);
  }

  @Test
  void aStoreThatRefusesEndsTheWait() {
    store.fail(Problem.ACCESS_DENIED);

    assertThatThrownBy(() -> await("0/3000028", "0/4000001")).isInstanceOf(StoreException.class);
  }

  private void put(String... numbers) throws StoreException {
    for (String number : numbers) {
      store.put(WAL + number + ".gz", new byte[1]);
    }
  }

  private void await(String start, String stop) throws Exception {
    new WalWait(store, lineage(), Duration.ofMillis(1))
        .await(Lsn.parse(start), Lsn.parse(stop), Duration.ofMillis(20));
  }

  private static LineageRecord lineage() {
    return new LineageRecord(
        1,
        "id",
        "lineage",
        "71",
        1,
        1 << 24,
        "17.6",
        new Lsn(0),
        Instant.EPOCH,
        "claim",
        "orders",
        "shop",
        null,
        null);
  }
}
