package dev.postgresinstance.operator.feature.standby;

import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionTask;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Asks whether commits wait for standbys; finds nothing where the server requires none.
 *
 * @param database the database of the instance
 * @param role the role whose commits count
 */
public record CommitTask(String database, String role) implements SessionTask<Commits> {

  /** What was found. */
  public static final FindingKey<Commits> COMMITS = FindingKey.of(Commits.class);

  /**
   * The condition on the parameters keeps the query cheap for most servers. The level is looked up,
   * because this session has its own: PostgreSQL applies the most specific setting of role and
   * database, then the one of the file. A waiting transaction is identified by its xid, which
   * changes with each transaction of a process. Shorter waits are ignored: with healthy standbys,
   * each session would find another one, and each different finding starts a reconciliation.
   */
  private static final String QUERY =
      """
      SELECT pg_catalog.current_setting('synchronous_standby_names'),
             (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication
              WHERE sync_state IN ('sync', 'quorum')),
             coalesce(
               (SELECT pg_catalog.split_part(setting, '=', 2)
                FROM pg_catalog.pg_db_role_setting, pg_catalog.unnest(setconfig) AS setting
                WHERE setting LIKE 'synchronous_commit=%'
                  AND (setdatabase = 0 OR setdatabase =
                       (SELECT oid FROM pg_catalog.pg_database WHERE datname = ?))
                  AND (setrole = 0 OR setrole =
                       (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ?))
                ORDER BY setrole = 0, setdatabase = 0 LIMIT 1),
               (SELECT setting FROM pg_catalog.pg_file_settings
                WHERE pg_catalog.lower(name) = 'synchronous_commit' AND applied
                ORDER BY seqno DESC LIMIT 1),
               'on'),
             (SELECT pid || '/' || backend_xid FROM pg_catalog.pg_stat_activity
              WHERE wait_event = 'SyncRep' AND backend_xid IS NOT NULL
                AND query_start < pg_catalog.now() - interval '3 s'
              ORDER BY pg_catalog.age(backend_xid) DESC LIMIT 1)
      WHERE pg_catalog.current_setting('synchronous_standby_names') <> ''
        AND pg_catalog.current_setting('max_wal_senders') <> '0'""";

  @Override
  public FindingKey<Commits> finding() {
    return COMMITS;
  }

  @Override
  public Optional<Commits> run(Session session) throws SQLException {
    try (PreparedStatement statement = session.connection().prepareStatement(QUERY)) {
      statement.setString(1, database);
      statement.setString(2, role);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        Optional<String> oldest = Optional.ofNullable(row.getString(4));
        boolean stuck =
            oldest.isPresent()
                && session.previous().get(COMMITS).map(Commits::oldest).equals(Optional.of(oldest));
        return Optional.of(
            new Commits(row.getString(1), row.getInt(2), row.getString(3), oldest, stuck));
      }
    }
  }
}
