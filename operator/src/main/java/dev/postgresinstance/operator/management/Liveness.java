package dev.postgresinstance.operator.management;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Detects a process that no longer makes progress and needs a restart. A heartbeat is sent through
 * the lock of the framework's event processor, like every event, and the duration of
 * reconciliations is limited. The state of the API server and of the databases does not count,
 * because a restart would not fix it.
 */
public final class Liveness implements AutoCloseable {

  private static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(10);

  /** Generous, so that a busy machine causes no restart. */
  private static final int MISSED_HEARTBEATS = 6;

  /**
   * Longer than any reconciliation takes: each of its requests has a timeout, and threads are
   * scheduled fairly.
   */
  private static final Duration RECONCILIATION_LIMIT = Duration.ofMinutes(10);

  private final Supplier<Duration> longestReconciliation;
  private final Duration interval;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("liveness").factory());
  private volatile long lastHeartbeat;
  private volatile boolean started;

  /**
   * Creates a check that reports the process as alive until {@link #watch} starts it.
   *
   * @param longestReconciliation how long the oldest running reconciliation has been running
   */
  public Liveness(Supplier<Duration> longestReconciliation) {
    this(longestReconciliation, HEARTBEAT_INTERVAL);
  }

  Liveness(Supplier<Duration> longestReconciliation, Duration interval) {
    this.longestReconciliation = longestReconciliation;
    this.interval = interval;
  }

  /** Starts to run the heartbeat periodically; from now on each run must complete. */
  public void watch(Runnable heartbeat) {
    lastHeartbeat = System.nanoTime();
    started = true;
    // If a heartbeat throws, the executor runs no more of them, and the process counts as stuck.
    Future<?> unused =
        thread.scheduleWithFixedDelay(
            () -> {
              heartbeat.run();
              lastHeartbeat = System.nanoTime();
            },
            0,
            interval.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** Whether the process makes progress. */
  public boolean isAlive() {
    boolean recentHeartbeat =
        System.nanoTime() - lastHeartbeat < interval.multipliedBy(MISSED_HEARTBEATS).toNanos();
    return !started
        || (recentHeartbeat && longestReconciliation.get().compareTo(RECONCILIATION_LIMIT) < 0);
  }

  /** Stops the heartbeat. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
