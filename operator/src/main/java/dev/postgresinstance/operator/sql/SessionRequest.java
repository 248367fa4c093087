package dev.postgresinstance.operator.sql;

import java.time.Duration;

/**
 * Something that the next session does once, beside its regular tasks.
 *
 * @param name identifies the request
 * @param extraTime by how much the session may exceed the time of a regular one
 */
public record SessionRequest(String name, Duration extraTime) {

  /** A request that takes no longer than a regular session. */
  public static SessionRequest of(String name) {
    return new SessionRequest(name, Duration.ZERO);
  }

  /** Whether the session may hold a thread for long. */
  boolean isSlow() {
    return extraTime.isPositive();
  }
}
