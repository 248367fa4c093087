package dev.postgresinstance.tests.faults;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the passed points and collects all failures: the first failure does not hide the others.
 * Points without a fault have neither passed nor failed.
 */
final class PointResults {

  private final AtomicInteger passed = new AtomicInteger();
  private final AtomicInteger withoutFault = new AtomicInteger();
  private final Queue<AssertionError> failures = new ConcurrentLinkedQueue<>();

  void passed() {
    passed.incrementAndGet();
  }

  /** Counts a point whose effect has not occurred. */
  void withoutFault() {
    withoutFault.incrementAndGet();
  }

  void failed(AssertionError why) {
    failures.add(why);
  }

  /** Fails if any point has failed, or if fewer points have passed than had no fault. */
  void assertAllPassed() {
    if (!failures.isEmpty()) {
      AssertionError all = new AssertionError(this + " have passed");
      failures.forEach(all::addSuppressed);
      throw all;
    }
    if (passed.get() <= withoutFault.get()) {
      throw new AssertionError(this + " have passed: the faults did not take place");
    }
  }

  /** The number of passed points and of all points with a fault, and of those without one. */
  @Override
  public String toString() {
    int faults = passed.get() + failures.size();
    return "%d/%d".formatted(passed.get(), faults)
        + (withoutFault.get() == 0 ? "" : " and %d without a fault".formatted(withoutFault.get()));
  }
}
