package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client that commits one row after the other, and remembers what the server has acknowledged. It
 * ends when it loses its connection.
 */
public final class Ledger {

  private final AtomicInteger acknowledged = new AtomicInteger();
  private final Thread writer;

  private Ledger(Instance instance) throws SQLException {
    Client client = Client.connect(instance);
    client.execute("CREATE TABLE ledger (n int PRIMARY KEY)");
    writer = Thread.ofVirtual().start(() -> write(client));
  }

  /** Begins to write into a table of the instance. */
  public static Ledger in(Instance instance) throws SQLException {
    return new Ledger(instance);
  }

  private void write(Client open) {
    try (Client client = open) {
      for (int n = 1; true; n++) {
        client.execute("INSERT INTO ledger VALUES (%d)".formatted(n));
        acknowledged.set(n);
      }
    } catch (SQLException e) {
      // The server is gone; the last row was not acknowledged.
    }
  }

  /** Waits until that many rows more are acknowledged. */
  public void hasWritten(int rows) {
    int target = acknowledged.get() + rows;
    Eventually.that(
        "the ledger has %d rows".formatted(target),
        () -> assertThat(acknowledged.get()).isGreaterThanOrEqualTo(target));
  }

  /** The number of acknowledged rows, once the connection is lost. */
  public int end() throws InterruptedException {
    writer.join();
    return acknowledged.get();
  }

  /** Fails if another instance lacks a row that was acknowledged. */
  public void isCompleteIn(Instance instance) throws SQLException, InterruptedException {
    int rows = end();
    assertThat(rows).isPositive();
    assertThat(Client.read(instance, "SELECT count(*) FROM ledger WHERE n <= %d".formatted(rows)))
        .as("of the acknowledged rows")
        .isEqualTo(Integer.toString(rows));
  }
}
