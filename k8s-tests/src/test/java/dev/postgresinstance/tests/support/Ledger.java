package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/**
 * Sessions that write numbered rows as fast as they can, each row in a transaction of its own, and
 * remember when the server acknowledged each. They end when the server does.
 */
public final class Ledger implements AutoCloseable {

  private final List<Writer> writers;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private Ledger(List<Writer> writers) {
    this.writers = writers;
  }

  /**
   * What is missing in a restored database.
   *
   * @param commits number of acknowledged transactions
   * @param time between the first of them and the last acknowledgement; zero if none is missing
   */
  public record Loss(long commits, Duration time) {}

  /** Creates the table and begins to write. */
  public static Ledger begin(Instance instance, int sessions) throws SQLException {
    try (Client client = Client.connect(instance)) {
      client.execute("CREATE TABLE ledger (writer int, n int, PRIMARY KEY (writer, n))");
    }
    String url = instance.credentials().get("external-jdbc-uri");
    Ledger ledger =
        new Ledger(IntStream.range(0, sessions).mapToObj(i -> new Writer(i, url)).toList());
    ledger.writers.forEach(ledger.threads::execute);
    return ledger;
  }

  /** Number of acknowledged rows. */
  public long acknowledged() {
    return writers.stream().mapToLong(Writer::count).sum();
  }

  /** Waits until that many rows more are acknowledged. */
  public void hasWritten(int rows) {
    long target = acknowledged() + rows;
    Eventually.that(
        "the ledger has %d rows".formatted(target),
        () -> assertThat(acknowledged()).isGreaterThanOrEqualTo(target));
  }

  /** Ends the sessions, if the server has not. */
  public void end() {
    writers.forEach(writer -> writer.ended = true);
    threads.close();
  }

  /** Compares a restored database with what was acknowledged, row for row. */
  public Loss loss(Instance restored) throws SQLException {
    long commits = 0;
    Duration time = Duration.ZERO;
    try (Client client = Client.connect(restored)) {
      for (Writer writer : writers) {
        String from = " FROM ledger WHERE writer = " + writer.number;
        int rows = Integer.parseInt(client.read("SELECT count(*)" + from));
        int last = Integer.parseInt(client.read("SELECT coalesce(max(n), 0)" + from));
        assertThat(last).as("a later row is there, but not an earlier one").isEqualTo(rows);
        assertThat(rows).as("rows that were never sent").isLessThanOrEqualTo(writer.count() + 1);
        if (rows < writer.count()) {
          commits += writer.count() - rows;
          Duration lost = Duration.between(writer.times.get(rows), writer.times.getLast());
          time = lost.compareTo(time) > 0 ? lost : time;
        }
      }
    }
    return new Loss(commits, time);
  }

  @Override
  public void close() {
    end();
  }

  private static final class Writer implements Runnable {

    private final int number;
    private final String url;
    private final List<Instant> times = new ArrayList<>();
    private volatile boolean ended;

    Writer(int number, String url) {
      this.number = number;
      this.url = url;
    }

    synchronized int count() {
      return times.size();
    }

    private synchronized void acknowledge() {
      times.add(Instant.now());
    }

    @Override
    public void run() {
      try (Connection session = DriverManager.getConnection(url);
          PreparedStatement insert = session.prepareStatement("INSERT INTO ledger VALUES (?, ?)")) {
        insert.setInt(1, number);
        while (!ended) {
          insert.setInt(2, count() + 1);
          insert.executeUpdate();
          acknowledge();
        }
      } catch (SQLException e) {
        ended = true; // the server has ended: what it did not acknowledge does not count
      }
    }
  }
}
