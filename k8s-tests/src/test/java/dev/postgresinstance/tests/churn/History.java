package dev.postgresinstance.tests.churn;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The edits of one instance and their effects, in chronological order. */
final class History {

  private final List<Entry> entries = new ArrayList<>();

  private record Entry(Instant at, Optional<Edit> edit, String what) {}

  /** Records an effect. */
  synchronized void note(String what) {
    entries.add(new Entry(Instant.now(), Optional.empty(), what));
  }

  /** Records the start of an edit. */
  synchronized void note(Edit edit) {
    entries.add(new Entry(Instant.now(), Optional.of(edit), "-- " + edit));
  }

  /** The last edit that started before the given moment. */
  synchronized Optional<Edit> lastBefore(Instant moment) {
    return entries.stream()
        .filter(entry -> entry.edit().isPresent() && entry.at().isBefore(moment))
        .reduce((first, last) -> last)
        .flatMap(Entry::edit);
  }

  @Override
  public synchronized String toString() {
    Instant start = entries.isEmpty() ? Instant.EPOCH : entries.getFirst().at();
    return entries.stream()
        .map(
            entry ->
                "  %s %8.3f s  %s"
                    .formatted(
                        entry.at(),
                        Duration.between(start, entry.at()).toMillis() / 1000.0,
                        entry.what()))
        .collect(Collectors.joining("\n"));
  }
}
