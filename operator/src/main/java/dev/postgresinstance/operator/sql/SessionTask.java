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
   * @return what it found; empty when it found nothing, and the next task runs
   * @throws SQLException when the operator's role cannot do its work; no further task runs, and the
   *     findings of this session are lost
   */
  Optional<T> run(Session session) throws SQLException;

  /** Whether nothing is expected to change soon; otherwise the next session follows soon. */
  default boolean isSettled(T finding) {
    return true;
  }

  /**
   * Whether the task may run although the server has not proven with its certificate who it is.
   * False by default: a server in between could change what the task sends.
   */
  default boolean runsWithoutProof() {
    return false;
  }

  /** How long a finding is valid, if refreshing it is expensive; zero by default. */
  default Duration refreshInterval() {
    return Duration.ZERO;
  }
}
