package dev.postgresinstance.tests.faults;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the passed points and collects all failures: the first failure does not hide the others.
 */
final class PointResults {

  private final AtomicInteger passed = new AtomicInteger();
  private final Queue<AssertionError> failures = new ConcurrentLinkedQueue<>();

  void passed() {
    passed.incrementAndGet();
  }

  void failed(AssertionError why) {
    failures.add(why);
  }

  /** Fails if any point has failed. */
  void assertAllPassed() {
    if (!failures.isEmpty()) {
      AssertionError all = new AssertionError(this + " have passed");
      failures.forEach(all::addSuppressed);
      throw all;
    }
  }

  /** The number of passed points and of all points. */
  @Override
  public String toString() {
    return "%d/%d".formatted(passed.get(), passed.get() + failures.size());
  }
}
