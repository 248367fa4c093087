package dev.postgresinstance.operator.management;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Whether the process gets on with its work; of the API server and the databases it says nothing,
 * which a restart would not mend. A beat goes the way that each event goes, through the lock of the
 * framework's event processor, and no pass goes on for ever.
 */
public final class Liveness implements AutoCloseable {

  private static final Duration BEAT = Duration.ofSeconds(10);

  /** Longer than any pass: each of its requests is bounded, and a thread gives way to others. */
  private static final Duration LONGEST_PASS = Duration.ofMinutes(10);

  private final Supplier<Duration> longestPass;
  private final Duration interval;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("liveness").factory());
  private volatile long last;
  private volatile boolean started;

  /**
   * Alive while nothing has started.
   *
   * @param longestPass for how long the oldest of the passes that run has been running
   */
  public Liveness(Supplier<Duration> longestPass) {
    this(longestPass, BEAT);
  }

  Liveness(Supplier<Duration> longestPass, Duration interval) {
    this.longestPass = longestPass;
    this.interval = interval;
  }

  /** From now on it must come to its end again and again. */
  public void watch(Runnable beat) {
    last = System.nanoTime();
    started = true;
    // A beat that fails is the last one.
    Future<?> unused =
        thread.scheduleWithFixedDelay(
            () -> {
              beat.run();
              last = System.nanoTime();
            },
            0,
            interval.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** Whether it does, give or take what a busy machine takes. */
  public boolean isAlive() {
    boolean beats = System.nanoTime() - last < interval.multipliedBy(6).toNanos();
    return !started || (beats && longestPass.get().compareTo(LONGEST_PASS) < 0);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
