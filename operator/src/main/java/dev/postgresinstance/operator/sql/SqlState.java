package dev.postgresinstance.operator.sql;

import java.sql.SQLException;

/** The error codes of PostgreSQL that the operator reacts to (PostgreSQL: Appendix A). */
public enum SqlState {
  /** {@code invalid_authorization_specification}: the role may not log in, or not from there. */
  INVALID_AUTHORIZATION("28000"),
  /** {@code invalid_password}: wrong or expired password, or no such role. */
  INVALID_PASSWORD("28P01"),
  /** {@code invalid_catalog_name}: no such database. */
  NO_SUCH_DATABASE("3D000"),
  /** {@code insufficient_privilege}. */
  INSUFFICIENT_PRIVILEGE("42501"),
  /** {@code disk_full}. */
  DISK_FULL("53100"),
  /** {@code too_many_connections}. */
  TOO_MANY_CONNECTIONS("53300"),
  /** {@code object_not_in_prerequisite_state}: the database accepts no connections. */
  NOT_IN_PREREQUISITE_STATE("55000"),
  /** {@code lock_not_available}: the lock time-out expired. */
  LOCK_NOT_AVAILABLE("55P03"),
  /** {@code cannot_connect_now}: the server starts, recovers or shuts down. */
  CANNOT_CONNECT_NOW("57P03");

  private final String code;

  SqlState(String code) {
    this.code = code;
  }

  /** The five characters of the error code. */
  public String code() {
    return code;
  }

  /** Whether an error code is this one. */
  public boolean is(String other) {
    return code.equals(other);
  }

  /** Whether an exception has this code. */
  public boolean is(SQLException e) {
    return is(e.getSQLState());
  }
}
