package dev.postgresinstance.tests.churn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Instance;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An application: writes numbered rows, each in its own transaction, and remembers the rows whose
 * commit the server acknowledged.
 */
final class Writer {

  static final Duration BETWEEN_ROWS = Duration.ofMillis(50);
  private static final Duration BETWEEN_RETRIES = Duration.ofMillis(300);
  private static final Duration MIN_GAP = Duration.ofSeconds(1);

  private final Instance instance;
  private final History history;
  private final Executor threads;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Set<Long> acknowledged = new HashSet<>();
  private final List<Gap> gaps = new ArrayList<>();
  private Client session; // used only by the writing thread
  private long next = 1;
  private Instant lastAnswer = Instant.now();
  private String lastError = "";

  Writer(Instance instance, History history, Executor threads) {
    this.instance = instance;
    this.history = history;
    this.threads = threads;
  }

  /** A period without an answer of the server. */
  record Gap(Instant from, Duration length) {}

  /** Creates the table and starts to write. */
  void begin() throws SQLException {
    try (Client client = Client.connect(instance)) {
      client.execute("CREATE TABLE ledger (n bigint PRIMARY KEY)");
    }
    threads.execute(this::write);
  }

  void end() {
    over.countDown();
  }

  /** Fails if an acknowledged row is missing, or if there is a row that was never sent. */
  void check() throws SQLException {
    Set<Long> missing = acknowledged();
    Set<Long> found;
    try (Client client = Client.connectSoon(instance)) {
      String rows = client.read("SELECT coalesce(string_agg(n::text, ','), '') FROM ledger");
      found =
          Stream.of(rows.split(","))
              .filter(n -> !n.isEmpty())
              .map(Long::valueOf)
              .collect(Collectors.toSet());
    }
    missing.removeAll(found);
    assertThat(missing).as("acknowledged rows that %s has lost", instance).isEmpty();
    long sent = sent();
    assertThat(found).as("rows of %s", instance).allMatch(n -> n >= 1 && n <= sent);
  }

  /**
   * Waits until the server acknowledges another row, and then checks all rows: without a row, there
   * would be none to lose.
   */
  void checkProgress() throws SQLException {
    int before = acknowledged().size();
    Eventually.that(
        "the writer of " + instance + " gets an answer",
        () -> assertThat(acknowledged()).hasSizeGreaterThan(before));
    check();
  }

  synchronized Set<Long> acknowledged() {
    return new HashSet<>(acknowledged);
  }

  synchronized List<Gap> gaps() {
    return List.copyOf(gaps);
  }

  private synchronized long sent() {
    return next - 1;
  }

  private void write() {
    try {
      Duration pause = Duration.ZERO;
      while (!over.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        pause = tryOnce() ? BETWEEN_ROWS : BETWEEN_RETRIES;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  /** Never sends a number twice: the first attempt may have been committed. */
  private boolean tryOnce() {
    try {
      if (session == null) {
        session = Client.connect(address());
      }
      long n = nextNumber();
      session.execute("INSERT INTO ledger VALUES (" + n + ")");
      answered(n);
      return true;
    } catch (SQLException | RuntimeException e) {
      failed(String.valueOf(e.getMessage()));
      close();
      return false;
    }
  }

  /** The JDBC URL from the Secret, as an application uses it. */
  private String address() throws SQLException {
    return Optional.ofNullable(instance.credentials().get("external-jdbc-uri"))
        .orElseThrow(() -> new SQLException("the Secret has no external-jdbc-uri"));
  }

  private synchronized long nextNumber() {
    return next++;
  }

  private synchronized void answered(long n) {
    acknowledged.add(n);
    Instant now = Instant.now();
    Duration silence = Duration.between(lastAnswer, now);
    if (silence.compareTo(MIN_GAP) > 0) {
      gaps.add(new Gap(lastAnswer, silence));
      history.note("   the writer got no answer for %d ms".formatted(silence.toMillis()));
    }
    lastAnswer = now;
    lastError = "";
  }

  private synchronized void failed(String message) {
    if (!message.equals(lastError)) {
      lastError = message;
      history.note("   the writer got an error: " + message.lines().findFirst().orElse(""));
    }
  }

  private void close() {
    try {
      if (session != null) {
        session.close();
      }
    } catch (SQLException e) {
      // The session is discarded in any case.
    }
    session = null;
  }
}
