package dev.postgresinstance.operator.feature.storage;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * How full a server's volume is.
 *
 * @param used what databases, write-ahead log and the start script's reserve take of it, in bytes
 * @param volume its size in bytes
 * @param full whether the server could not write one megabyte more, PostgreSQL's error 53100
 */
public record VolumeUse(long used, long volume, boolean full) {

  /** From this percentage on it is nearly full. */
  public static final int NEARLY_FULL = 85;

  /**
   * From here on it is tried whether a write succeeds. Much earlier, because of a small volume the
   * file system may keep a fifth for itself, which SQL does not tell.
   */
  private static final int TRIED = 60;

  private static final long MEBIBYTE = 1024 * 1024;
  private static final int RESERVE_PARTS = 4;
  private static final int RESERVE_FRACTION = 128;
  private static final String BYTES =
      """
      SELECT (SELECT pg_catalog.sum(pg_catalog.pg_database_size(oid)) FROM pg_catalog.pg_database)
           + (SELECT pg_catalog.sum(size) FROM pg_catalog.pg_ls_waldir())""";

  /** Written to the volume and taken back. */
  private static final String A_MEGABYTE =
      """
      CREATE TEMPORARY TABLE room ON COMMIT DROP AS
      SELECT n, pg_catalog.repeat('x', 1000) FROM pg_catalog.generate_series(1, 1000) AS n""";

  private static final String DISK_FULL = "53100";

  /** Whether hardly any room is left, or none. */
  public boolean nearlyFull() {
    return full || percent() >= NEARLY_FULL;
  }

  /** How much of the volume is used, in percent, rounded down. */
  public int percent() {
    return (int) (used * 100 / volume);
  }

  /**
   * Asks the server in that session.
   *
   * @param volume size of the volume in bytes
   * @param before what was found last, to be taken for the size where that is not to be asked anew,
   *     which makes the server look at each of its files
   */
  public static VolumeUse ask(Connection connection, long volume, Optional<VolumeUse> before)
      throws SQLException {
    long used = before.isPresent() ? before.get().used() : withReserve(bytes(connection), volume);
    VolumeUse use = new VolumeUse(used, volume, false);
    return new VolumeUse(used, volume, use.percent() >= TRIED && isFull(connection));
  }

  private static long bytes(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(BYTES)) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * The reserve is that of the start script: four parts of a 128th, of 24 to 64 MiB each. What it
   * has given back counts as well, up to what there is.
   */
  static long withReserve(long bytes, long volume) {
    long reserve =
        RESERVE_PARTS * Math.clamp(volume / RESERVE_FRACTION, 24 * MEBIBYTE, 64 * MEBIBYTE);
    return Math.min(volume, bytes + reserve);
  }

  private static boolean isFull(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(A_MEGABYTE);
      return false;
    } catch (SQLException e) {
      if (DISK_FULL.equals(e.getSQLState())) {
        return true;
      }
      throw e;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }
}
