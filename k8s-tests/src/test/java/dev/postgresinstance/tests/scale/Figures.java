package dev.postgresinstance.tests.scale;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Sorted measurements of one quantity. */
record Figures(List<Double> sorted) {

  static Figures of(Stream<? extends Number> values) {
    return new Figures(values.map(Number::doubleValue).sorted().toList());
  }

  static Figures seconds(Collection<Duration> times) {
    return of(times.stream().map(time -> time.toMillis() / 1000.0));
  }

  double percentile(int percent) {
    return sorted.get(Math.max(0, (int) Math.ceil(sorted.size() * percent / 100.0) - 1));
  }

  double median() {
    return percentile(50);
  }

  double max() {
    return sorted.getLast();
  }

  /** The median, minimum and maximum. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.1f (%.1f to %.1f)", median(), sorted.getFirst(), max());
  }
}
