package dev.postgresinstance.operator.sql;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Why PostgreSQL rejects a login, where one error code has several causes. Only the message tells
 * them apart, and it may be in any language: what is not recognized for certain is {@link
 * #UNKNOWN}.
 */
public enum RejectionCause {
  /** The role has as many connections as its own limit allows. */
  ROLE_LIMIT(SqlState.TOO_MANY_CONNECTIONS, "too many connections for role \".*"),
  /** The database has as many connections as its own limit allows. */
  DATABASE_LIMIT(SqlState.TOO_MANY_CONNECTIONS, "too many connections for database \".*"),
  /** The server has as many connections as {@code max_connections} allows. */
  SERVER_LIMIT(
      SqlState.TOO_MANY_CONNECTIONS,
      "(sorry, too many clients already|remaining connection slots are reserved for .*)"),
  /** The role has the attribute {@code NOLOGIN}. */
  ROLE_WITHOUT_LOGIN(SqlState.INVALID_AUTHORIZATION, "role \".*\" is not permitted to log in"),
  /** The role does not exist. */
  ROLE_MISSING(SqlState.INVALID_AUTHORIZATION, "role \".*\" does not exist"),
  /** A rule of pg_hba.conf rejects the login before the server checks the password. */
  AUTHENTICATION_RULES(
      SqlState.INVALID_AUTHORIZATION, "(no pg_hba[.]conf entry|pg_hba[.]conf rejects) .*"),
  /** The role lacks the privilege {@code CONNECT}. */
  CONNECT_REVOKED(SqlState.INSUFFICIENT_PRIVILEGE, "permission denied for database \".*"),
  /** The database was created or altered with {@code ALLOW_CONNECTIONS false}. */
  CONNECTIONS_FORBIDDEN(
      SqlState.NOT_IN_PREREQUISITE_STATE, "database \".*\" is not currently accepting connections"),
  /** A {@code DROP DATABASE} was interrupted; the database cannot be used again. */
  DATABASE_INVALID(SqlState.NOT_IN_PREREQUISITE_STATE, "cannot connect to invalid database \".*"),
  /** Another cause, or one that the message does not name in English. */
  UNKNOWN(null, "");

  /** The classes 28, 3D and 53, and those of class 57 that a stop or a start causes. */
  private static final Pattern NOT_DUE_TO_SETTINGS = Pattern.compile("(28|3D|53).*|57P0[1-4]");

  /** How PostgreSQL ends the message that no rule admits a connection without TLS. */
  private static final Pattern NO_ENCRYPTION =
      Pattern.compile(
          "\\A[^ :\"]{1,20}: no pg_hba[.]conf entry for .*, no encryption", Pattern.DOTALL);

  private final SqlState state;
  private final Pattern message;

  RejectionCause(SqlState state, String message) {
    this.state = state;
    // The severity comes first; names of roles and databases, which users choose, come later.
    this.message = Pattern.compile("\\A[^ :\"]{1,20}: " + message, Pattern.DOTALL);
  }

  /**
   * Whether a setting may be the cause, of the server, the role or the database: not where the
   * password, the role, the database or the number of connections is, or where the server lacks
   * resources or stops.
   */
  public static boolean mayBeSetting(LoginResult.LoginRejected rejected) {
    return of(rejected) == UNKNOWN && !NOT_DUE_TO_SETTINGS.matcher(rejected.sqlState()).matches();
  }

  /**
   * Whether no rule of pg_hba.conf admits the login, which came over a connection without TLS.
   *
   * @param message message of PostgreSQL with its severity
   */
  public static boolean isWithoutTls(String message) {
    return NO_ENCRYPTION.matcher(message).matches();
  }

  /** The cause of a rejected login. */
  public static RejectionCause of(LoginResult.LoginRejected rejected) {
    return Arrays.stream(values())
        .filter(cause -> cause.state != null && rejected.is(cause.state))
        .filter(cause -> cause.message.matcher(rejected.message()).matches())
        .findFirst()
        .orElse(UNKNOWN);
  }
}
