package dev.postgresinstance.operator.sql;

/** What came of a login with the published credentials, and what the operator's own role found. */
public sealed interface LoginResult {

  /** What the operator's own role found out meanwhile. */
  default ServerFindings findings() {
    return ServerFindings.NONE;
  }

  /** None was tried yet. */
  record Pending() implements LoginResult {}

  /**
   * It succeeded.
   *
   * @param serverVersion as the server says it, {@code 17.6}
   */
  record LoggedIn(String serverVersion, ServerFindings findings) implements LoginResult {}

  /**
   * The server answered and refused.
   *
   * @param sqlState PostgreSQL's error code
   * @param message PostgreSQL's words
   */
  record LoginRejected(String sqlState, String message, ServerFindings findings)
      implements LoginResult {

    /** The server is there and starts, recovers or stops: {@code cannot_connect_now}. */
    public boolean notYet() {
      return sqlState.equals("57P03");
    }

    /** A process of it has crashed, and it recovers from that without having ended. */
    public boolean recovers() {
      return notYet() && message.contains("in recovery mode");
    }

    /** The password is not the role's, or there is no such role: {@code invalid_password}. */
    public boolean wrongPassword() {
      return sqlState.equals("28P01");
    }

    /** It may not log in, or not from there: {@code invalid_authorization_specification}. */
    public boolean notAuthorized() {
      return sqlState.equals("28000");
    }

    /** There is no such database: {@code invalid_catalog_name}. */
    public boolean noDatabase() {
      return sqlState.equals("3D000");
    }

    /** All connections are used: {@code too_many_connections}. */
    public boolean tooManyConnections() {
      return sqlState.equals("53300");
    }
  }

  /** No answer came. */
  record Unreachable(String message) implements LoginResult {}
}
