package dev.postgresinstance.operator.archive.program.restore;

import dev.postgresinstance.operator.archive.program.ProgramLog;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How far the program is, in the log and in a file that changes every two seconds: for people, and
 * as the sign for {@code restore.sh} that the program runs.
 */
final class Progress implements AutoCloseable {

  private static final Duration PERIOD = Duration.ofSeconds(2);

  private final Exchange exchange;
  private final AtomicLong done = new AtomicLong();
  private volatile Phase phase = new Phase("waiting", 0);
  private String lastText = "";
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> Thread.ofPlatform().daemon().name("progress").unstarted(work));

  private record Phase(String name, long total) {}

  /** Begins to write. */
  Progress(Exchange exchange) {
    this.exchange = exchange;
    Future<?> unused =
        timer.scheduleAtFixedRate(this::write, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Begins a phase.
   *
   * @param name one word
   * @param total what {@link #add} will have added at its end
   */
  void begin(String name, long total) {
    done.set(0);
    phase = new Phase(name, total);
  }

  /** Adds bytes of the base backup, or segments of the write-ahead log. */
  void add(long amount) {
    done.addAndGet(amount);
  }

  private synchronized void write() {
    Phase now = phase;
    String text =
        "\"phase\":\"%s\",\"done\":%d,\"total\":%d".formatted(now.name, done.get(), now.total);
    try {
      exchange.write(
          "progress",
          "{%s,\"time\":\"%s\"}\n".formatted(text, Instant.now().truncatedTo(ChronoUnit.MILLIS)));
    } catch (IOException e) {
      ProgramLog.say("Cannot write the progress: %s", e);
    }
    if (!text.equals(lastText)) {
      ProgramLog.say("{%s}", text);
      lastText = text;
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
