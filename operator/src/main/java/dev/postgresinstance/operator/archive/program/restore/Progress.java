package dev.postgresinstance.operator.archive.program.restore;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How far the program is, in the log and in a file that changes every two seconds: for people, for
 * the operator, which reads the last line of the log, and as the sign for {@code restore.sh} that
 * the program runs.
 */
final class Progress implements AutoCloseable {

  private static final Duration PERIOD = Duration.ofSeconds(2);

  /** What happens in less says nothing about the time that is left. */
  private static final Duration LEAST_ELAPSED = Duration.ofSeconds(4);

  private final Exchange exchange;
  private final AtomicLong done = new AtomicLong();
  private volatile Phase phase = new Phase("waiting", 0, Optional.empty(), Instant.EPOCH);
  private String lastText = "";
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> Thread.ofPlatform().daemon().name("progress").unstarted(work));

  private record Phase(String name, long total, Optional<Lsn> begin, Instant since) {}

  /** Begins to write. */
  Progress(Exchange exchange) {
    this.exchange = exchange;
    Future<?> unused =
        timer.scheduleAtFixedRate(this::write, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Begins to unpack the base backup.
   *
   * @param total bytes that {@link #add} will have added at the end
   */
  void beginBase(long total) {
    begin("base", total, Optional.empty());
  }

  /** Begins to recover from the write-ahead log between two positions. */
  void beginWal(Lsn begin, Lsn end) {
    begin("wal", Math.max(0, end.value() - begin.value()), Optional.of(begin));
  }

  private void begin(String name, long total, Optional<Lsn> begin) {
    done.set(0);
    phase = new Phase(name, total, begin, Instant.now());
  }

  /** Adds bytes of the base backup. */
  void add(long bytes) {
    done.addAndGet(bytes);
  }

  /** PostgreSQL has recovered up to a position; it may begin again at an earlier one. */
  void reach(Lsn position) {
    long bytes = phase.begin.map(begin -> position.value() - begin.value()).orElse(0L);
    done.accumulateAndGet(Math.min(bytes, phase.total), Math::max);
  }

  private synchronized void write() {
    Phase now = phase;
    String text = text(now, done.get(), Instant.now());
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

  private static String text(Phase phase, long done, Instant now) {
    String figures =
        "\"phase\":\"%s\",\"done\":%d,\"total\":%d".formatted(phase.name, done, phase.total);
    String position =
        phase
            .begin
            .map(begin -> ",\"position\":\"%s\"".formatted(new Lsn(begin.value() + done)))
            .orElse("");
    Duration elapsed = Duration.between(phase.since, now);
    String left =
        done > 0 && elapsed.compareTo(LEAST_ELAPSED) >= 0
            ? ",\"secondsLeft\":%d"
                .formatted(Math.round((double) elapsed.toSeconds() * (phase.total - done) / done))
            : "";
    return figures + position + left;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
