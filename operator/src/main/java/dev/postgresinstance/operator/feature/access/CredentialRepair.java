package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.feature.access.roles.RolesSql;
import dev.postgresinstance.operator.sql.LoginRepair;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionRequest;
import dev.postgresinstance.operator.sql.SqlState;
import dev.postgresinstance.operator.sql.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.util.PasswordUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a rejected login succeed where that is the operator's task: another password than the
 * published one, a missing role or, on request of a person, a missing database. Whatever else
 * rejects the login, somebody has set on purpose.
 *
 * @param unpublished whether the password is not published yet: it is set where it is rejected
 */
public record CredentialRepair(boolean unpublished) implements LoginRepair {

  private static final Logger log = LoggerFactory.getLogger(CredentialRepair.class);

  /** Sets the published password where the server rejects it. */
  public static final SessionRequest SET_PASSWORD = SessionRequest.of("set password");

  /** Creates the database where it is missing. */
  public static final SessionRequest CREATE_DATABASE = SessionRequest.of("create database");

  private static final String ROLE_EXISTS =
      "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) ?";

  /** Much less than the statement time-out, which would end the connection. */
  private static final String LOCK_TIMEOUT = "SET lock_timeout = '1s'";

  /** From this major version on a membership can be granted without inheriting its privileges. */
  private static final int GRANTS_WITH_OPTIONS = 16;

  @Override
  public boolean repair(Session session, String database, Role role, LoginRejected rejected)
      throws SQLException {
    if (rejected.isWrongPassword() && (unpublished || session.isRequested(SET_PASSWORD))) {
      setPassword(session.connection(), role);
      log.info("Set the password of role {} at {}", role, session.host());
      return true;
    }
    if (rejected.is(SqlState.NO_SUCH_DATABASE) && session.isRequested(CREATE_DATABASE)) {
      createDatabase(session.connection(), database, role);
      log.info("Recreated the database {} at {}", database, session.host());
      return true;
    }
    return false;
  }

  /**
   * PostgreSQL rejects an expired password like a wrong one. The role may hold a lock on its own
   * entry for as long as it likes.
   */
  private static void setPassword(Connection connection, Role role) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(LOCK_TIMEOUT);
      statement.execute(
          "%s ROLE %s LOGIN PASSWORD %s VALID UNTIL 'infinity'"
              .formatted(
                  exists(connection, role) ? "ALTER" : "CREATE",
                  SqlText.identifier(role.name()),
                  SqlText.literal(PasswordUtil.encodeScramSha256(role.password().toCharArray()))));
    }
  }

  private static boolean exists(Connection connection, Role role) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ROLE_EXISTS)) {
      statement.setString(1, role.name());
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Only a member of a role can give it a database. */
  private static void createDatabase(Connection connection, String database, Role owner)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String role = SqlText.identifier(owner.name());
      String option =
          connection.getMetaData().getDatabaseMajorVersion() >= GRANTS_WITH_OPTIONS
              ? " WITH INHERIT FALSE, SET TRUE"
              : "";
      statement.execute("GRANT %s TO CURRENT_USER%s".formatted(role, option));
      try {
        statement.execute(RolesSql.createDatabase(database, owner.name()));
      } finally {
        statement.execute("REVOKE %s FROM CURRENT_USER GRANTED BY CURRENT_USER".formatted(role));
      }
    }
  }
}
