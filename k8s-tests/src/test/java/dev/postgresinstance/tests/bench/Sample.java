package dev.postgresinstance.tests.bench;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Sorted durations. */
record Sample(List<Duration> sorted) {

  static Sample of(Stream<Duration> durations) {
    return new Sample(durations.sorted().toList());
  }

  int size() {
    return sorted.size();
  }

  Duration min() {
    return sorted.getFirst();
  }

  Duration max() {
    return sorted.getLast();
  }

  Duration median() {
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : sorted.get(middle - 1).plus(sorted.get(middle)).dividedBy(2);
  }
}
