package dev.postgresinstance.operator.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A session of the operator's own role in the database {@code postgres}, as its tasks see it.
 *
 * @param connection open; the session closes it
 * @param host for the log
 * @param previous findings of the session before
 * @param requests what to do once
 * @param due keys of the findings that have to be refreshed, see {@link
 *     SessionTask#refreshInterval}
 * @param login tries a login of another role to the same database, over a connection of its own
 */
public record Session(
    Connection connection,
    String host,
    ServerFindings previous,
    Set<SessionRequest> requests,
    Set<FindingKey<?>> due,
    Function<Role, LoginResult> login) {

  /** Whether that is to be done once in this session. */
  public boolean isRequested(SessionRequest request) {
    return requests.contains(request);
  }

  /** Runs statements for whose answers the server may take longer than for others. */
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

  /** The previous finding while it need not be refreshed yet. */
  public <T> Optional<T> stillValid(FindingKey<T> key) {
    return due.contains(key) ? Optional.empty() : previous.get(key);
  }
}
