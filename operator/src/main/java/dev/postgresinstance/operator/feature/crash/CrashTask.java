package dev.postgresinstance.operator.feature.crash;

import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionTask;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Optional;

/**
 * Asks when the processes of the server were started. When one of them crashes or is killed, the
 * postmaster ends all others, recovers, and starts them again; its own start time stays.
 *
 * <p>The checkpointer shows it for certain: it never ends while the server runs, no parameter or
 * reload restarts it, and nobody can reset its start time, as opposed to statistics.
 */
public record CrashTask() implements SessionTask<ProcessStarts> {

  /** When the processes were started. */
  public static final FindingKey<ProcessStarts> PROCESS_STARTS = FindingKey.of(ProcessStarts.class);

  /** In milliseconds since 1970; the view pg_stat_activity would join names. */
  private static final String QUERY =
      """
      SELECT (extract(epoch FROM pg_catalog.pg_postmaster_start_time()) * 1000)::pg_catalog.int8,
             (extract(epoch FROM backend_start) * 1000)::pg_catalog.int8
      FROM pg_catalog.pg_stat_get_activity(NULL)
      WHERE backend_type = 'checkpointer' AND backend_start IS NOT NULL""";

  @Override
  public FindingKey<ProcessStarts> finding() {
    return PROCESS_STARTS;
  }

  @Override
  public Optional<ProcessStarts> run(Session session) throws SQLException {
    try (Statement statement = session.connection().createStatement();
        ResultSet row = statement.executeQuery(QUERY)) {
      return row.next()
          ? Optional.of(
              new ProcessStarts(
                  Instant.ofEpochMilli(row.getLong(1)), Instant.ofEpochMilli(row.getLong(2))))
          : Optional.empty();
    }
  }
}
