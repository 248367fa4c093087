package dev.postgresinstance.tests.faults;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** How many points have passed, and what the others say: one that fails hides no other. */
final class Tally {

  private final AtomicInteger passed = new AtomicInteger();
  private final Queue<AssertionError> failures = new ConcurrentLinkedQueue<>();

  void passed() {
    passed.incrementAndGet();
  }

  void failed(AssertionError why) {
    failures.add(why);
  }

  /** Fails where a point has failed. */
  void assertAllPassed() {
    if (!failures.isEmpty()) {
      AssertionError all = new AssertionError(this + " have passed");
      failures.forEach(all::addSuppressed);
      throw all;
    }
  }

  /** Those that passed, and all. */
  @Override
  public String toString() {
    return "%d/%d".formatted(passed.get(), passed.get() + failures.size());
  }
}
