package dev.postgresinstance.operator.feature.storage;

import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionTask;
import dev.postgresinstance.operator.sql.SqlMessage;
import dev.postgresinstance.operator.sql.SqlState;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks how full the volume is.
 *
 * @param volume size of the volume in bytes
 */
public record VolumeTask(long volume) implements SessionTask<VolumeUse> {

  private static final Logger log = LoggerFactory.getLogger(VolumeTask.class);

  /** How full the volume is. */
  public static final FindingKey<VolumeUse> VOLUME_USE = FindingKey.of(VolumeUse.class);

  /** The query makes the server look at each of its files. */
  private static final Duration REFRESH_INTERVAL = Duration.ofSeconds(60);

  /**
   * From this percentage on the task tries whether a write succeeds. It is much less than 100,
   * because the file system of a small volume may reserve a fifth of it, which SQL does not show.
   */
  private static final int TRY_WRITE_FROM_PERCENT = 60;

  private static final String USED_BYTES =
      """
      SELECT (SELECT pg_catalog.sum(pg_catalog.pg_database_size(oid)) FROM pg_catalog.pg_database)
           + (SELECT pg_catalog.sum(size) FROM pg_catalog.pg_ls_waldir())""";

  /** Written to the volume and rolled back. */
  private static final String WRITE_A_MEGABYTE =
      """
      CREATE TEMPORARY TABLE room ON COMMIT DROP AS
      SELECT n, pg_catalog.repeat('x', 1000) FROM pg_catalog.generate_series(1, 1000) AS n""";

  @Override
  public FindingKey<VolumeUse> finding() {
    return VOLUME_USE;
  }

  @Override
  public Duration refreshInterval() {
    return REFRESH_INTERVAL;
  }

  /**
   * The query may exceed its time-out on a server with very many files; then the last one holds.
   */
  @Override
  public Optional<VolumeUse> run(Session session) {
    try {
      return Optional.of(measure(session));
    } catch (SQLException e) {
      log.warn("Cannot measure the volume at {}: {}", session.host(), SqlMessage.of(e));
      return session.previous().get(VOLUME_USE);
    }
  }

  private VolumeUse measure(Session session) throws SQLException {
    Connection connection = session.connection();
    Optional<VolumeUse> last = session.stillValid(VOLUME_USE);
    long used =
        last.isPresent() ? last.get().used() : VolumeUse.withReserve(bytes(connection), volume);
    VolumeUse use = new VolumeUse(used, volume, false);
    return use.percent() >= TRY_WRITE_FROM_PERCENT && isFull(connection) ? use.asFull() : use;
  }

  private static long bytes(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(USED_BYTES)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static boolean isFull(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(WRITE_A_MEGABYTE);
      return false;
    } catch (SQLException e) {
      if (SqlState.DISK_FULL.is(e)) {
        return true;
      }
      throw e;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }
}
