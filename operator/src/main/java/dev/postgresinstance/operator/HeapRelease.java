package dev.postgresinstance.operator;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Returns unused heap to the operating system soon after a burst of work. Without an explicit
 * collection, the serial collector collects the whole heap only when it has reached its maximum
 * size. A collection takes as much processor time as dozens of logins, so it runs at each check
 * only while the old generation grows, or while collections find garbage there; otherwise every
 * four minutes, because objects that leave the caches become garbage without any growth.
 */
final class HeapRelease implements Runnable {

  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(20);

  /** The longest time between two collections, in checks. */
  private static final int MAX_CHECKS = 12;

  /** Less than that is what regular logins and reconciliations leave behind. */
  private static final long WORTHWHILE = 2 * 1024 * 1024;

  private final LongSupplier oldGeneration;
  private final Runnable collection;
  private long usedAfterCollection;
  private int checks;
  private int pause = 1;

  /**
   * Creates a release that has not collected anything yet.
   *
   * @param oldGeneration the bytes in use in the old generation, including garbage
   * @param collection collects the whole heap
   */
  HeapRelease(LongSupplier oldGeneration, Runnable collection) {
    this.oldGeneration = oldGeneration;
    this.collection = collection;
  }

  /** Starts the periodic checks, in a thread of their own. */
  static void start() {
    Thread.Builder thread = Thread.ofPlatform().daemon().name("heap");
    Future<?> unused =
        Executors.newSingleThreadScheduledExecutor(thread.factory())
            .scheduleWithFixedDelay(
                new HeapRelease(HeapRelease::usedInOldGeneration, System::gc),
                CHECK_INTERVAL.toSeconds(),
                CHECK_INTERVAL.toSeconds(),
                TimeUnit.SECONDS);
  }

  /** Of the collector in jvm.options, or of G1. */
  private static long usedInOldGeneration() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getName().matches(".*(Tenured|Old) Gen"))
        .map(MemoryPoolMXBean::getUsage)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }

  /** One check. */
  @Override
  public void run() {
    checks++;
    long before = oldGeneration.getAsLong();
    if (checks < pause && before - usedAfterCollection < WORTHWHILE) {
      return;
    }
    collection.run();
    usedAfterCollection = oldGeneration.getAsLong();
    checks = 0;
    pause = before - usedAfterCollection < WORTHWHILE ? Math.min(2 * pause, MAX_CHECKS) : 1;
  }
}
