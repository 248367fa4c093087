package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.feature.access.CredentialRepair;
import dev.postgresinstance.operator.feature.access.SuperuserFindings;
import dev.postgresinstance.operator.feature.access.SuperuserTask;
import dev.postgresinstance.operator.feature.configuration.ServerSettings;
import dev.postgresinstance.operator.feature.configuration.SettingsTask;
import dev.postgresinstance.operator.feature.storage.VolumeUse;
import dev.postgresinstance.operator.sql.LoginRequest.Role;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.postgresql.PGProperty;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs in once, over JDBC. To the tenant's database it sends no statement; its statements run in
 * the database {@code postgres} as the operator's own role, whose settings keep them out of logs.
 */
final class LoginSession {

  private static final Logger log = LoggerFactory.getLogger(LoginSession.class);
  private static final String SYSTEM_IDENTIFIER =
      "SELECT system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system()";
  private static final String OPERATOR_DATABASE = "postgres";
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String CONNECT_SECONDS = "3";
  private static final int ANSWER_SECONDS = 5;

  /** What a checkpoint does not flush by then, the end of the server does. */
  private static final int CHECKPOINT_SECONDS = 60;

  /** For all that is done with one connection, but for a checkpoint. */
  private static final Duration LONGEST = Duration.ofSeconds(20);

  private static final int MOST_WORDS = 500;
  private static final int LONGEST_VERSION = 50;

  private LoginSession() {}

  /**
   * Logs in, then asks as the operator's own role, and mends what is ours to mend.
   *
   * @param before what came of the last one
   * @param wishes what to do beside
   */
  static LoginResult of(LoginRequest request, LoginResult before, Set<SessionRequest> wishes) {
    LoginResult login = login(request, request.database(), request.role());
    Optional<VolumeUse> last = before.findings().volume();
    return switch (login) {
      case LoggedIn in -> ask(request, in, last, wishes);
      case LoginRejected refused when !refused.notYet() -> ask(request, refused, last, wishes);
      default -> login;
    };
  }

  /** As an application does; nothing is sent but what a login needs. */
  private static LoginResult login(LoginRequest request, String database, Role role) {
    try (Connection connection = connect(request, database, role, LONGEST)) {
      String version = connection.getMetaData().getDatabaseProductVersion().split(" ", 2)[0];
      return new LoggedIn(brief(version, LONGEST_VERSION), ServerFindings.NONE);
    } catch (SQLException e) {
      return failure(e);
    }
  }

  private static LoginResult ask(
      LoginRequest request,
      LoginResult login,
      Optional<VolumeUse> last,
      Set<SessionRequest> wishes) {
    LoginResult result = login;
    ServerFindings findings = ServerFindings.NONE;
    Duration longest =
        wishes.contains(SessionRequest.CHECKPOINT)
            ? LONGEST.plusSeconds(CHECKPOINT_SECONDS)
            : LONGEST;
    try (Connection connection = connect(request, OPERATOR_DATABASE, request.operator(), longest)) {
      if (result instanceof LoginRejected refused && mended(connection, request, refused, wishes)) {
        result = login(request, request.database(), request.role());
      }
      findings = ask(connection, request, last, wishes);
    } catch (SQLException e) {
      log.warn("the operator's own role cannot ask at {}: {}", request.host(), e.getMessage());
      if (failure(e) instanceof LoginRejected refused) {
        findings = findings.lockedOut(refused.message());
      }
    }
    return switch (result) {
      case LoggedIn in -> new LoggedIn(in.serverVersion(), findings);
      case LoginRejected refused ->
          new LoginRejected(refused.sqlState(), refused.message(), findings);
      default -> result;
    };
  }

  /** Who holds a lock on the role keeps its password as it is, and no more than that. */
  private static boolean mended(
      Connection connection,
      LoginRequest request,
      LoginRejected refused,
      Set<SessionRequest> wishes)
      throws SQLException {
    try {
      return new CredentialRepair(connection).done(request, refused, wishes);
    } catch (SQLException e) {
      if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        throw e;
      }
      log.warn("role {} at {} is locked: {}", request.role(), request.host(), e.getMessage());
      return false;
    }
  }

  private static ServerFindings ask(
      Connection connection,
      LoginRequest request,
      Optional<VolumeUse> last,
      Set<SessionRequest> wishes)
      throws SQLException {
    String systemIdentifier = systemIdentifier(connection);
    SuperuserFindings superusers =
        new SuperuserTask(
                connection, request.host(), role -> login(request, OPERATOR_DATABASE, role))
            .keep(request.superuser(), wishes);
    boolean checkpoint = wishes.contains(SessionRequest.CHECKPOINT);
    if (checkpoint) {
      checkpoint(connection);
    }
    ServerSettings settings = new SettingsTask(connection).ask(request.configuration(), checkpoint);
    return new ServerFindings(
        Optional.of(systemIdentifier),
        Optional.of(settings),
        request.volume() == 0 ? Optional.empty() : volume(connection, request, last, wishes),
        Optional.of(superusers),
        Optional.empty());
  }

  /** A server with very many files may take longer to look at each than a statement may. */
  private static Optional<VolumeUse> volume(
      Connection connection,
      LoginRequest request,
      Optional<VolumeUse> last,
      Set<SessionRequest> wishes) {
    Optional<VolumeUse> known = last.filter(use -> !wishes.contains(SessionRequest.MEASURE_VOLUME));
    try {
      return Optional.of(VolumeUse.ask(connection, request.volume(), known));
    } catch (SQLException e) {
      log.warn("how full the volume at {} is cannot be asked: {}", request.host(), e.getMessage());
      return last;
    }
  }

  /** It becomes a part of the record of the data: nothing but a number is one. */
  private static String systemIdentifier(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SYSTEM_IDENTIFIER)) {
      row.next();
      return Long.toUnsignedString(Long.parseUnsignedLong(row.getString(1)));
    } catch (NumberFormatException e) {
      throw new SQLException("the system identifier is no number", e);
    }
  }

  /** So that the server has little left to flush when it is stopped. Not having it delays only. */
  private static void checkpoint(Connection connection) throws SQLException {
    connection.setNetworkTimeout(Runnable::run, CHECKPOINT_SECONDS * 1000);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET statement_timeout = '" + (CHECKPOINT_SECONDS - 1) + "s'");
      statement.execute("CHECKPOINT");
    } catch (PSQLException e) {
      log.warn("no checkpoint before the restart: {}", e.getMessage());
    }
    connection.setNetworkTimeout(Runnable::run, ANSWER_SECONDS * 1000);
  }

  private static Connection connect(
      LoginRequest request, String database, Role role, Duration longest) throws SQLException {
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
    // What a server sends that is not ours neither fills our memory nor holds our threads.
    PGProperty.SOCKET_FACTORY.set(properties, BoundedSocketFactory.class.getName());
    PGProperty.SOCKET_FACTORY_ARG.set(properties, longest.toString());
    // It outdoes what the user's parameters say for all sessions.
    PGProperty.OPTIONS.set(properties, "-c default_transaction_read_only=off");
    // Then all settings travel in the start-up packet, and none as a statement.
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "15");
    PGProperty.APPLICATION_NAME.set(properties, "postgres-instance-operator");
    return DriverManager.getConnection("jdbc:postgresql://", properties);
  }

  private static LoginResult failure(SQLException e) {
    if (e instanceof PSQLException answer && answer.getServerErrorMessage() != null) {
      ServerErrorMessage message = answer.getServerErrorMessage();
      return new LoginRejected(
          String.valueOf(message.getSQLState()),
          brief(message.getSeverity() + ": " + message.getMessage(), MOST_WORDS),
          ServerFindings.NONE);
    }
    return new Unreachable(brief(e.getMessage(), MOST_WORDS));
  }

  /** Whoever answers in the place of a server may say as much as it likes. */
  private static String brief(String words, int length) {
    return words.length() <= length ? words : words.substring(0, length);
  }
}
