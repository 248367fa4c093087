package dev.postgresinstance.tests.churn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
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
 * An application: writes one numbered row after the other, each a transaction of its own, and
 * remembers for which of them the server said that it was committed.
 */
final class Writer {

  static final Duration BETWEEN_ROWS = Duration.ofMillis(50);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(300);
  private static final Duration NOTICEABLE = Duration.ofSeconds(1);

  private final Instance instance;
  private final History history;
  private final Executor threads;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Set<Long> acknowledged = new HashSet<>();
  private final List<Gap> gaps = new ArrayList<>();
  private Client session; // of the thread that writes
  private long next = 1;
  private Instant lastAnswer = Instant.now();
  private String trouble = "";

  Writer(Instance instance, History history, Executor threads) {
    this.instance = instance;
    this.history = history;
    this.threads = threads;
  }

  /** A time without an answer. */
  record Gap(Instant from, Duration length) {}

  /** Makes the table, and begins. */
  void begin() throws SQLException {
    try (Client client = Client.connect(instance)) {
      client.execute("CREATE TABLE ledger (n bigint PRIMARY KEY)");
    }
    threads.execute(this::write);
  }

  void end() {
    over.countDown();
  }

  /** All rows that the server said it had committed are there, and none that was not written. */
  void check() throws SQLException {
    Set<Long> promised = acknowledged();
    Set<Long> found;
    try (Client client = Client.connectSoon(instance)) {
      String rows = client.read("SELECT coalesce(string_agg(n::text, ','), '') FROM ledger");
      found =
          Stream.of(rows.split(","))
              .filter(n -> !n.isEmpty())
              .map(Long::valueOf)
              .collect(Collectors.toSet());
    }
    promised.removeAll(found);
    assertThat(promised).as("acknowledged rows that %s has lost", instance).isEmpty();
    long sent = sent();
    assertThat(found).as("rows of %s", instance).allMatch(n -> n >= 1 && n <= sent);
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
        pause = tryOnce() ? BETWEEN_ROWS : BETWEEN_TRIES;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  /** A number that was sent is not used again: it may have arrived. */
  private boolean tryOnce() {
    try {
      if (session == null) {
        session = Client.connect(address());
      }
      long n = take();
      session.execute("INSERT INTO ledger VALUES (" + n + ")");
      answered(n);
      return true;
    } catch (SQLException | RuntimeException e) {
      failed(String.valueOf(e.getMessage()));
      close();
      return false;
    }
  }

  /** As an application has it: from the Secret, which says all. */
  private String address() throws SQLException {
    return Optional.ofNullable(instance.credentials().get("external-jdbc-uri"))
        .orElseThrow(() -> new SQLException("the Secret has no address"));
  }

  private synchronized long take() {
    return next++;
  }

  private synchronized void answered(long n) {
    acknowledged.add(n);
    Instant now = Instant.now();
    Duration silence = Duration.between(lastAnswer, now);
    if (silence.compareTo(NOTICEABLE) > 0) {
      gaps.add(new Gap(lastAnswer, silence));
      history.note("   the writer was without an answer for %d ms".formatted(silence.toMillis()));
    }
    lastAnswer = now;
    trouble = "";
  }

  private synchronized void failed(String message) {
    if (!message.equals(trouble)) {
      trouble = message;
      history.note("   the writer is told: " + message.lines().findFirst().orElse(""));
    }
  }

  private void close() {
    try {
      if (session != null) {
        session.close();
      }
    } catch (SQLException e) {
      // It is given up in any case.
    }
    session = null;
  }
}
