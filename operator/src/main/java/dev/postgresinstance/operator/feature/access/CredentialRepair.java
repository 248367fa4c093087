package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.sql.LoginRequest;
import dev.postgresinstance.operator.sql.LoginRequest.Role;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.SessionRequest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.postgresql.PGConnection;
import org.postgresql.util.PasswordUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a refused login succeed where the reason is the operator's to mend: another password than
 * the published one, a role that is gone, or, where a person asks for it, a database that is gone.
 * What else keeps a role out, somebody has done on purpose.
 */
public final class CredentialRepair {

  private static final Logger log = LoggerFactory.getLogger(CredentialRepair.class);
  private static final String ROLE =
      "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) ?";

  /** Much less than what a statement may take, or the connection would be given up with it. */
  private static final String PATIENCE = "SET lock_timeout = '1s'";

  /** With that version a grant can be for owning alone. */
  private static final int GRANTS_WITH_OPTIONS = 16;

  private final Connection connection;

  /**
   * A repair.
   *
   * @param connection of the operator's own role, in the database {@code postgres}
   */
  public CredentialRepair(Connection connection) {
    this.connection = connection;
  }

  /** Whether something was mended, so that another login is worth a try. */
  public boolean done(LoginRequest request, LoginRejected refused, Set<SessionRequest> wishes)
      throws SQLException {
    if (refused.wrongPassword()
        && (request.unpublished() || wishes.contains(SessionRequest.SET_PASSWORD))) {
      setPassword(request.role());
      log.info("set the password of role {} at {}", request.role(), request.host());
      return true;
    }
    if (refused.noDatabase() && wishes.contains(SessionRequest.CREATE_DATABASE)) {
      createDatabase(request.database(), request.role());
      log.info("made the database {} anew at {}", request.database(), request.host());
      return true;
    }
    return false;
  }

  /**
   * A password whose time is over is refused like a wrong one. The role itself may hold a lock on
   * its entry for as long as it likes.
   */
  private void setPassword(Role role) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(PATIENCE);
      String name = quoted(role.name());
      statement.execute(
          "%s ROLE %s LOGIN PASSWORD '%s' VALID UNTIL 'infinity'"
              .formatted(
                  exists(role) ? "ALTER" : "CREATE",
                  name,
                  PasswordUtil.encodeScramSha256(role.password().toCharArray())));
    }
  }

  private boolean exists(Role role) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ROLE)) {
      statement.setString(1, role.name());
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /** As at the first start. To give a database to a role one has to be a member of it. */
  private void createDatabase(String database, Role owner) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String role = quoted(owner.name());
      String option =
          connection.getMetaData().getDatabaseMajorVersion() >= GRANTS_WITH_OPTIONS
              ? " WITH INHERIT FALSE, SET TRUE"
              : "";
      statement.execute("GRANT %s TO CURRENT_USER%s".formatted(role, option));
      try {
        statement.execute(
            "CREATE DATABASE %s OWNER %s TEMPLATE template0".formatted(quoted(database), role));
      } finally {
        statement.execute("REVOKE %s FROM CURRENT_USER GRANTED BY CURRENT_USER".formatted(role));
      }
    }
  }

  /** The driver's own way: that of JDBC refuses names with a quotation mark. */
  private String quoted(String name) throws SQLException {
    return connection.unwrap(PGConnection.class).escapeIdentifier(name);
  }
}
