package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import dev.postgresinstance.operator.sql.tls.ConnectionContext;
import dev.postgresinstance.operator.sql.tls.TlsNotOfferedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.PGProperty;
import org.postgresql.util.PSQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One login over JDBC, and one session of the operator's own role after it. No statement is sent to
 * the tenant's database; the tasks run in the database {@code postgres} as the operator's role,
 * whose settings keep its statements out of logs. Parameters of the user, which every other session
 * has, do not apply to it: so it can take back those with which no login succeeds.
 */
final class LoginSession {

  private static final Logger log = LoggerFactory.getLogger(LoginSession.class);
  private static final String OPERATOR_DATABASE = "postgres";
  private static final String CONNECT_SECONDS = "3";
  private static final int ANSWER_SECONDS = 5;

  /** Limit of all work over one connection; requests extend it by their extra time. */
  private static final Duration MAX_TIME = Duration.ofSeconds(20);

  private static final int MAX_VERSION_LENGTH = 50;

  /**
   * Settings of the operator's own sessions, which every role may choose: spec.parameters may have
   * set others for all sessions. They apply from the start of the session, while the settings of
   * the role apply only at the end of the login.
   */
  private static final String OPTIONS =
      Stream.of(
              "local_preload_libraries=",
              "default_transaction_read_only=off",
              // No commit of the operator waits for a standby.
              "synchronous_commit=local",
              "exit_on_error=off",
              "idle_session_timeout=0",
              "idle_in_transaction_session_timeout=0",
              "client_min_messages=warning",
              // Statements contain verifiers of passwords.
              "debug_print_parse=off",
              "debug_print_rewritten=off",
              "debug_print_plan=off")
          .map("-c "::concat)
          .collect(Collectors.joining(" "));

  private LoginSession() {}

  /**
   * What is known when a session begins.
   *
   * @param previous result of the previous login
   * @param requests what to do once in this session
   * @param due keys of the findings to refresh
   */
  record Input(LoginResult previous, Set<SessionRequest> requests, Set<FindingKey<?>> due) {}

  /** Logs in; then the operator's own role repairs the login if it can, and runs its tasks. */
  static LoginResult run(LoginRequest request, Input input) {
    LoginResult login = login(request, request.database(), request.role());
    return switch (login) {
      case LoggedIn loggedIn -> runTasks(request, loggedIn, input);
      case LoginRejected rejected when !rejected.isNotReadyYet() ->
          runTasks(request, rejected, input);
      default -> login;
    };
  }

  /** Logs in as an application does, and sends no statement. */
  private static LoginResult login(LoginRequest request, String database, Role role) {
    ConnectionContext context = new ConnectionContext(request.tls());
    try (Connection connection = connect(context, request, database, role, MAX_TIME, "")) {
      String version = connection.getMetaData().getDatabaseProductVersion().split(" ", 2)[0];
      return new LoggedIn(Text.truncate(version, MAX_VERSION_LENGTH), ServerFindings.NONE);
    } catch (SQLException e) {
      return failure(e);
    }
  }

  private static LoginResult runTasks(LoginRequest request, LoginResult login, Input input) {
    LoginResult result = login;
    ServerFindings findings = ServerFindings.NONE;
    Duration maxTime =
        input.requests().stream().map(SessionRequest::extraTime).reduce(MAX_TIME, Duration::plus);
    ConnectionContext context = new ConnectionContext(request.tls());
    try (Connection connection =
        connect(context, request, OPERATOR_DATABASE, request.operator(), maxTime, OPTIONS)) {
      Session session =
          new Session(
              connection,
              request.host(),
              context.identity(),
              login,
              input.previous().findings(),
              input.requests(),
              input.due(),
              role -> login(request, OPERATOR_DATABASE, role));
      if (result instanceof LoginRejected rejected && repair(session, request, rejected)) {
        result = login(request, request.database(), request.role());
        session = session.after(result);
      }
      findings = runTasks(request, session);
    } catch (SQLException e) {
      if (failure(e) instanceof LoginRejected rejected) {
        findings = findings.lockedOut(rejected.message());
      }
      if (findings.lockedOut().isEmpty()
          || !findings.lockedOut().equals(input.previous().findings().lockedOut())) {
        log.warn("The operator's role cannot work at {}: {}", request.host(), SqlMessage.of(e));
      }
    }
    return switch (result) {
      case LoggedIn loggedIn -> new LoggedIn(loggedIn.serverVersion(), findings);
      case LoginRejected rejected ->
          new LoginRejected(rejected.sqlState(), rejected.message(), findings);
      default -> result;
    };
  }

  private static ServerFindings runTasks(LoginRequest request, Session session)
      throws SQLException {
    ServerFindings found = ServerFindings.NONE;
    for (SessionTask<?> task : request.tasks()) {
      if (!session.isWithoutProof() || task.runsWithoutProof()) {
        found = withFinding(found, task, session);
      }
    }
    return found;
  }

  private static <T> ServerFindings withFinding(
      ServerFindings findings, SessionTask<T> task, Session session) throws SQLException {
    Optional<T> finding = task.run(session);
    return finding.isPresent() ? findings.with(task.finding(), finding.get()) : findings;
  }

  /** A lock on the role only postpones the repair; the tasks run all the same. */
  private static boolean repair(Session session, LoginRequest request, LoginRejected rejected)
      throws SQLException {
    try {
      return !session.isWithoutProof()
          && request.repair().repair(session, request.database(), request.role(), rejected);
    } catch (SQLException e) {
      if (!SqlState.LOCK_NOT_AVAILABLE.is(e)) {
        throw e;
      }
      log.warn("Role {} at {} is locked: {}", request.role(), request.host(), SqlMessage.of(e));
      return false;
    }
  }

  private static Connection connect(
      ConnectionContext context,
      LoginRequest request,
      String database,
      Role role,
      Duration maxTime,
      String options)
      throws SQLException {
    Properties properties = new Properties();
    PGProperty.PG_HOST.set(properties, request.host());
    PGProperty.PG_PORT.set(properties, request.port());
    PGProperty.PG_DBNAME.set(properties, database);
    PGProperty.USER.set(properties, role.name());
    PGProperty.PASSWORD.set(properties, role.password());
    // The operator's servers never ask for the password itself, or for its MD5 hash.
    PGProperty.REQUIRE_AUTH.set(properties, "scram-sha-256");
    // The socket encrypts, so that its bounds apply to what TLS carries.
    PGProperty.SSL_MODE.set(properties, "disable");
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_SECONDS);
    PGProperty.SOCKET_TIMEOUT.set(properties, ANSWER_SECONDS);
    // Bounds what a hostile server sends, in bytes and time: it must exhaust neither memory nor
    // threads.
    PGProperty.SOCKET_FACTORY.set(properties, BoundedSocketFactory.class.getName());
    PGProperty.SOCKET_FACTORY_ARG.set(properties, maxTime.toString());
    if (!options.isEmpty()) {
      PGProperty.OPTIONS.set(properties, options);
    }
    // With a known version all settings travel in the start-up packet, and none as a statement.
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "15");
    PGProperty.APPLICATION_NAME.set(properties, "postgres-instance-operator");
    return context.connect(properties);
  }

  private static LoginResult failure(SQLException e) {
    String message = SqlMessage.of(e);
    if (e instanceof PSQLException failure && failure.getServerErrorMessage() != null) {
      String sqlState = failure.getServerErrorMessage().getSQLState();
      return new LoginRejected(String.valueOf(sqlState), message, ServerFindings.NONE);
    }
    return new Unreachable(
        e.getCause() instanceof TlsNotOfferedException notOffered
            ? notOffered.getMessage()
            : message);
  }
}
