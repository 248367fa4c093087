package dev.postgresinstance.operator.feature.image;

import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionTask;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks for databases whose indexes were built with another sort order than the image has. */
public record CollationTask() implements SessionTask<CollationTask.OutdatedDatabases> {

  /** The databases that were found. */
  public static final FindingKey<OutdatedDatabases> OUTDATED_DATABASES =
      FindingKey.of(OutdatedDatabases.class);

  /**
   * Names of the databases that were created, or last reindexed, with another version of the
   * library that sorts texts.
   */
  public record OutdatedDatabases(List<String> names) {}

  /** Only about the default collation of a database: PostgreSQL reports columns in each of them. */
  private static final String QUERY =
      """
      SELECT datname FROM pg_catalog.pg_database
      WHERE datallowconn
        AND datcollversion
            IS DISTINCT FROM pg_catalog.pg_database_collation_actual_version(oid)
      ORDER BY datname""";

  @Override
  public FindingKey<OutdatedDatabases> finding() {
    return OUTDATED_DATABASES;
  }

  @Override
  public Optional<OutdatedDatabases> run(Session session) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = session.connection().createStatement();
        ResultSet row = statement.executeQuery(QUERY)) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return Optional.of(new OutdatedDatabases(names));
  }
}
