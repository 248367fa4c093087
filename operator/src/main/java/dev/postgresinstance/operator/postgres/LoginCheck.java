package dev.postgresinstance.operator.postgres;

import dev.postgresinstance.operator.postgres.LoginRequest.Role;
import dev.postgresinstance.operator.postgres.LoginResult.LoggedIn;
import dev.postgresinstance.operator.postgres.LoginResult.Refused;
import dev.postgresinstance.operator.postgres.LoginResult.Unreachable;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.PGProperty;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PasswordUtil;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs in once, over JDBC. To the tenant's database it sends no statement; its statements run in
 * the database {@code postgres} as the operator's own role, whose settings keep them out of logs.
 */
final class LoginCheck {

  private static final Logger log = LoggerFactory.getLogger(LoginCheck.class);
  private static final String SYSTEM_IDENTIFIER =
      "SELECT system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system()";
  private static final String INVALID_PASSWORD = "28P01";
  private static final String OPERATOR_DATABASE = "postgres";
  private static final String CONNECT_SECONDS = "3";
  private static final String ANSWER_SECONDS = "5";

  private LoginCheck() {}

  /**
   * Logs in.
   *
   * @param known the system identifier of the server's data, when it was asked for before
   */
  static LoginResult of(LoginRequest request, Optional<String> known) {
    try {
      return loggedIn(request, known);
    } catch (SQLException e) {
      return INVALID_PASSWORD.equals(e.getSQLState()) ? setPassword(request, known) : failure(e);
    }
  }

  /** The database has another password than the one that is published: it gets that one. */
  private static LoginResult setPassword(LoginRequest request, Optional<String> known) {
    try {
      try (Connection connection = connect(request, OPERATOR_DATABASE, request.operator());
          Statement statement = connection.createStatement()) {
        statement.execute(
            "ALTER ROLE %s PASSWORD '%s'"
                .formatted(
                    statement.enquoteIdentifier(request.role().name(), true),
                    PasswordUtil.encodeScramSha256(request.role().password().toCharArray())));
        log.info("set the password of role {} at {}", request.role(), request.host());
      }
      return loggedIn(request, known);
    } catch (SQLException e) {
      return failure(e);
    }
  }

  private static LoginResult loggedIn(LoginRequest request, Optional<String> known)
      throws SQLException {
    try (Connection connection = connect(request, request.database(), request.role())) {
      String version = connection.getMetaData().getDatabaseProductVersion().split(" ", 2)[0];
      return new LoggedIn(version, known.or(() -> systemIdentifier(request)));
    }
  }

  private static Optional<String> systemIdentifier(LoginRequest request) {
    try (Connection connection = connect(request, OPERATOR_DATABASE, request.operator());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SYSTEM_IDENTIFIER)) {
      row.next();
      return Optional.of(row.getString(1));
    } catch (SQLException e) {
      log.warn("the operator's own role cannot log in at {}: {}", request.host(), e.getMessage());
      return Optional.empty();
    }
  }

  private static Connection connect(LoginRequest request, String database, Role role)
      throws SQLException {
    Properties properties = new Properties();
    PGProperty.PG_HOST.set(properties, request.host());
    PGProperty.PG_PORT.set(properties, request.port());
    PGProperty.PG_DBNAME.set(properties, database);
    PGProperty.USER.set(properties, role.name());
    PGProperty.PASSWORD.set(properties, role.password());
    // A server that asks for the password itself, or for its MD5, is not ours.
    PGProperty.REQUIRE_AUTH.set(properties, "scram-sha-256");
    // Neither is offered by the server; asking first would cost a round trip each.
    PGProperty.SSL_MODE.set(properties, "disable");
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_SECONDS);
    PGProperty.SOCKET_TIMEOUT.set(properties, ANSWER_SECONDS);
    // Then all settings travel in the start-up packet, and none as a statement.
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "15");
    PGProperty.APPLICATION_NAME.set(properties, "postgres-instance-operator");
    return DriverManager.getConnection("jdbc:postgresql://", properties);
  }

  private static LoginResult failure(SQLException e) {
    if (e instanceof PSQLException answer && answer.getServerErrorMessage() != null) {
      ServerErrorMessage message = answer.getServerErrorMessage();
      return new Refused(
          String.valueOf(message.getSQLState()),
          message.getSeverity() + ": " + message.getMessage());
    }
    return new Unreachable(e.getMessage());
  }
}
