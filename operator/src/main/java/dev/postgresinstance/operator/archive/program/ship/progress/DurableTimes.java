package dev.postgresinstance.operator.archive.program.ship.progress;

import dev.postgresinstance.operator.archive.Lsn;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;

/**
 * Up to which time everything is before which position: translates what is in the store into a
 * time. Thread-safe.
 */
public final class DurableTimes {

  /** While the store is away for long, older samples are thinned out. */
  static final int MAX_SAMPLES = 1000;

  private record Sample(Lsn lsn, Instant time) {}

  private final Deque<Sample> samples = new ArrayDeque<>();

  /** Everything that was committed before the time is before the position. */
  public synchronized void add(Lsn lsn, Instant time) {
    if (!samples.isEmpty() && samples.getLast().lsn().equals(lsn)) {
      samples.removeLast();
    } else if (samples.size() >= MAX_SAMPLES) {
      thinOut();
    }
    samples.addLast(new Sample(lsn, time));
  }

  private void thinOut() {
    boolean keep = false;
    for (Iterator<Sample> all = samples.iterator(); all.hasNext(); keep = !keep) {
      all.next();
      if (!keep) {
        all.remove();
      }
    }
  }

  /** The newest time whose commits are all before the position. Forgets older samples. */
  synchronized Optional<Instant> before(Lsn position) {
    Optional<Sample> newest = Optional.empty();
    while (!samples.isEmpty() && position.isAtLeast(samples.getFirst().lsn())) {
      newest = Optional.of(samples.removeFirst());
    }
    newest.ifPresent(samples::addFirst);
    return newest.map(Sample::time);
  }

  /** Forgets everything: another server has other positions. */
  public synchronized void clear() {
    samples.clear();
  }
}
