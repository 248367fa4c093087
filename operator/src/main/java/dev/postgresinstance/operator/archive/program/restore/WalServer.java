package dev.postgresinstance.operator.archive.program.restore;

import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.program.restore.wal.WalSource;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Delivers the write-ahead log to PostgreSQL, which asks for one file after the other. The next
 * segments are downloaded before it asks for them, up to a bound, and deleted when it has gone past
 * them.
 */
final class WalServer implements AutoCloseable {

  private static final int AHEAD = 4;

  /** Bound of the space that segments take which nobody has asked for. */
  private static final long BYTES_AHEAD = 1L << 27;

  private static final int THREADS = 3;
  private static final int DAMAGED_ATTEMPTS = 2;
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration FIRST_DELAY = Duration.ofMillis(500);
  private static final Duration LAST_DELAY = Duration.ofSeconds(10);

  private final Exchange exchange;
  private final WalSource source;
  private final Progress progress;
  private final Map<String, Future<Boolean>> downloads = new HashMap<>();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(THREADS, Thread.ofPlatform().daemon().name("wal-", 0).factory());

  /** A server for one recovery. */
  WalServer(Exchange exchange, WalSource source, Progress progress) {
    this.exchange = exchange;
    this.source = source;
    this.progress = progress;
  }

  /**
   * Answers requests until the script has restored the database.
   *
   * @throws ProgramFailure when PostgreSQL needs a file that is missing or damaged, or when the
   *     script has failed
   */
  void run() throws ProgramFailure, IOException {
    while (exchange.look() != Exchange.End.DONE) {
      for (String name : exchange.wanted()) {
        if (!exchange.isAnswered(name)) {
          answer(name);
        }
      }
      Exchange.pause();
    }
  }

  private void answer(String name) throws ProgramFailure, IOException {
    Future<Boolean> download = downloads.get(name);
    if (download != null && download.isDone()) {
      boolean delivered = result(download);
      // PostgreSQL first withdraws its request, and then deletes the answer.
      if (exchange.isAnswered(name) || !exchange.isWanted(name)) {
        return;
      }
      downloads.remove(name);
      if (!delivered) {
        ProgramLog.say("The archive has no %s.", name);
        exchange.tellMissing(name);
        return;
      }
      download = null;
    }
    if (download == null) {
      start(name);
    }
    lookAhead(name);
  }

  private void start(String name) {
    downloads.put(name, threads.submit(() -> download(name)));
  }

  private void lookAhead(String name) throws IOException {
    Optional<WalSegment> segment = source.segment(name);
    if (segment.isEmpty()) {
      return;
    }
    progress.reach(segment.get().start());
    long count = Math.clamp(BYTES_AHEAD / segment.get().size(), 1, AHEAD);
    Set<String> window = new LinkedHashSet<>(Set.of(name));
    WalSegment next = segment.get();
    for (int i = 0; i < count; i++) {
      next = next.next();
      source.segment(next.name()).map(WalSegment::name).ifPresent(window::add);
    }
    for (String file : exchange.delivered()) {
      boolean isDone = downloads.containsKey(file) && downloads.get(file).isDone();
      if (isDone && !window.contains(file) && !exchange.isWanted(file)) {
        Files.deleteIfExists(exchange.wal(file));
      }
    }
    downloads
        .entrySet()
        .removeIf(entry -> entry.getValue().isDone() && !window.contains(entry.getKey()));
    for (String file : window) {
      if (!downloads.containsKey(file) && !Files.exists(exchange.wal(file))) {
        start(file);
      }
    }
  }

  private static boolean result(Future<Boolean> download) throws ProgramFailure, IOException {
    try {
      return download.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case ProgramFailure failure -> throw failure;
        case IOException failure -> throw failure;
        default -> throw new IllegalStateException(e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it waited", e);
    }
  }

  /** Tries again while the store does not answer, and once if it may have answered wrongly. */
  private boolean download(String name) throws ProgramFailure, IOException, InterruptedException {
    long begin = System.nanoTime();
    Duration delay = FIRST_DELAY;
    for (int attempt = 1; ; attempt++) {
      try {
        return source.download(name, exchange.wal(name));
      } catch (StoreException e) {
        if (!e.isTemporary() || System.nanoTime() - begin > PATIENCE.toNanos()) {
          throw e;
        }
        ProgramLog.say("Trying again to read %s: %s", name, e.getMessage());
      } catch (ProgramFailure e) {
        if (attempt >= DAMAGED_ATTEMPTS) {
          throw e;
        }
      }
      Thread.sleep(delay);
      delay = delay.multipliedBy(2).compareTo(LAST_DELAY) < 0 ? delay.multipliedBy(2) : LAST_DELAY;
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
