package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.sql.tls.ServerIdentity;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A session of the operator's own role in the database {@code postgres}, as its tasks see it.
 *
 * @param connection an open connection; a task must not close it
 * @param host address of the server, for the log
 * @param identity who the server is according to its certificate; empty without TLS
 * @param published result of the login with the published credentials that preceded this session
 * @param previous findings of the previous session
 * @param requests what to do once in this session
 * @param due keys of the findings that have to be refreshed, see {@link
 *     SessionTask#refreshInterval}
 * @param login tries a login of another role to the same database, over a connection of its own
 */
public record Session(
    Connection connection,
    String host,
    Optional<ServerIdentity> identity,
    LoginResult published,
    ServerFindings previous,
    Set<SessionRequest> requests,
    Set<FindingKey<?>> due,
    Function<Role, LoginResult> login) {

  /** The same session after the login with the published credentials was tried again. */
  Session after(LoginResult login) {
    return new Session(connection, host, identity, login, previous, requests, due, this.login);
  }

  /** Whether the server has presented a certificate of another authority. */
  boolean isWithoutProof() {
    return identity.filter(presented -> !presented.trusted()).isPresent();
  }

  /** Whether a reconciliation requested this for the session. */
  public boolean isRequested(SessionRequest request) {
    return requests.contains(request);
  }

  /**
   * Runs statements with another limit on the time of each answer.
   *
   * @param time at most the extra time of a {@link SessionRequest} of this session
   */
  public void withAnswerTime(Duration time, SqlWork work) throws SQLException {
    int usual = connection.getNetworkTimeout();
    connection.setNetworkTimeout(Runnable::run, Math.toIntExact(time.toMillis()));
    work.run(connection);
    connection.setNetworkTimeout(Runnable::run, usual);
  }

  /** Statements in a session. */
  @FunctionalInterface
  public interface SqlWork {
    /** Runs the statements. */
    void run(Connection connection) throws SQLException;
  }

  /** The previous finding; empty when it has to be refreshed, or there is none. */
  public <T> Optional<T> stillValid(FindingKey<T> key) {
    return due.contains(key) ? Optional.empty() : previous.get(key);
  }
}
