package dev.postgresinstance.operator.sql;

/**
 * Result of a login with the published credentials, and of the session of the operator's own role
 * after it.
 */
public sealed interface LoginResult {

  /** The value of the metric's label {@code result}. */
  String metricLabel();

  /** What the operator's own role found. */
  default ServerFindings findings() {
    return ServerFindings.NONE;
  }

  /** No login has ended yet. */
  record Pending() implements LoginResult {
    @Override
    public String metricLabel() {
      return "Pending";
    }
  }

  /**
   * The login succeeded.
   *
   * @param serverVersion as the server reports it, for example {@code 17.6}
   * @param findings what the operator's own role found
   */
  record LoggedIn(String serverVersion, ServerFindings findings) implements LoginResult {
    @Override
    public String metricLabel() {
      return "LoggedIn";
    }
  }

  /**
   * The server answered and rejected the login.
   *
   * @param sqlState error code of PostgreSQL, see {@link SqlState}
   * @param message message of PostgreSQL with its severity, for example {@code FATAL: ...}
   * @param findings what the operator's own role found
   */
  record LoginRejected(String sqlState, String message, ServerFindings findings)
      implements LoginResult {

    @Override
    public String metricLabel() {
      return "Refused";
    }

    /** Whether PostgreSQL gave this error code. */
    public boolean is(SqlState state) {
      return state.is(sqlState);
    }

    /** Whether the server is starting, recovering or shutting down. */
    public boolean isNotReadyYet() {
      return is(SqlState.CANNOT_CONNECT_NOW);
    }

    /** Whether the server recovers from the crash of one of its processes. */
    public boolean isCrashRecovery() {
      return isNotReadyYet() && message.contains("in recovery mode");
    }

    /** Whether the password is wrong or has expired, or the role does not exist. */
    public boolean isWrongPassword() {
      return is(SqlState.INVALID_PASSWORD);
    }
  }

  /**
   * The server did not answer, or not as PostgreSQL does.
   *
   * @param message message of the driver
   */
  record Unreachable(String message) implements LoginResult {
    @Override
    public String metricLabel() {
      return "Unreachable";
    }
  }
}
