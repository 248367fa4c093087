package dev.postgresinstance.operator.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * What a feature asks or does in each session of the operator's own role. A task is a value: two
 * tasks that are equal ask for the same.
 *
 * @param <T> type of what the task finds
 */
public interface SessionTask<T> {

  /** Where the finding is kept. */
  FindingKey<T> finding();

  /**
   * Runs the task.
   *
   * @return what it found; empty when it has no answer, which does not disturb other tasks
   * @throws SQLException when the operator's role cannot do its work: no other task runs then
   */
  Optional<T> run(Session session) throws SQLException;

  /** Whether nothing is expected to change soon; otherwise the next session follows at once. */
  default boolean isSettled(T finding) {
    return true;
  }

  /** How long a finding holds where refreshing it is expensive; zero by default. */
  default Duration refreshInterval() {
    return Duration.ZERO;
  }
}
