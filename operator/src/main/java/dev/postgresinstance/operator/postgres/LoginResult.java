package dev.postgresinstance.operator.postgres;

import java.util.Optional;

/** What came of a login. */
public sealed interface LoginResult {

  /** None was tried yet. */
  record Pending() implements LoginResult {}

  /**
   * It succeeded.
   *
   * @param serverVersion as the server says it, {@code 17.6}
   * @param systemIdentifier of the data; empty when the operator's own role could not ask for it
   * @param settings of the server; empty when the operator's own role could not ask for them
   * @param volume how full it is; empty when that could not be asked for
   */
  record LoggedIn(
      String serverVersion,
      Optional<String> systemIdentifier,
      Optional<ServerSettings> settings,
      Optional<VolumeUse> volume)
      implements LoginResult {}

  /**
   * The server answered and refused.
   *
   * @param sqlState PostgreSQL's error code
   * @param message PostgreSQL's words
   */
  record Refused(String sqlState, String message) implements LoginResult {

    /** The server is there and starts, recovers or stops: {@code cannot_connect_now}. */
    public boolean notYet() {
      return sqlState.equals("57P03");
    }
  }

  /** No answer came. */
  record Unreachable(String message) implements LoginResult {}
}
