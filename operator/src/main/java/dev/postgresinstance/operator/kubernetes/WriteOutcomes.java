package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.operator.common.BoundedMap;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The last outcome of a write for each object. */
final class WriteOutcomes {

  /** A rejected write is not repeated sooner, unless the object or the desired state changes. */
  static final Duration RETRY_REJECTED_AFTER = Duration.ofSeconds(9);

  private final Map<String, Outcome> outcomes = BoundedMap.threadSafe();

  private record Outcome(Attempt attempt, Optional<RuntimeException> rejection, Instant at) {}

  /** Records that the object has the desired state of the attempt. */
  void done(Attempt attempt) {
    put(attempt, Optional.empty());
  }

  /** Records that the API server rejected the attempt. */
  void rejected(Attempt attempt, RuntimeException rejection) {
    put(attempt, Optional.of(rejection));
  }

  private void put(Attempt attempt, Optional<RuntimeException> rejection) {
    outcomes.put(attempt.object(), new Outcome(attempt, rejection, Instant.now()));
  }

  /**
   * Whether the object is the result of applying the same desired state. Where the matcher wrongly
   * finds a difference, this limits the damage to one write instead of a loop.
   */
  boolean isDone(Attempt attempt) {
    return last(attempt).filter(outcome -> outcome.rejection().isEmpty()).isPresent();
  }

  /**
   * Throws the rejection of the same attempt, if it is recent.
   *
   * @throws RuntimeException the rejection
   */
  void throwRecentRejection(Attempt attempt) {
    last(attempt)
        .filter(outcome -> outcome.at().plus(RETRY_REJECTED_AFTER).isAfter(Instant.now()))
        .flatMap(Outcome::rejection)
        .ifPresent(
            rejection -> {
              throw rejection;
            });
  }

  private Optional<Outcome> last(Attempt attempt) {
    return Optional.ofNullable(outcomes.get(attempt.object()))
        .filter(outcome -> outcome.attempt().equals(attempt));
  }
}
