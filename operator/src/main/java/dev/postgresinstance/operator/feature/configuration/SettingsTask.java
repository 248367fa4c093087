package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.operator.feature.configuration.ServerSettings.RefusedParameter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a server about its configuration, and has it read a new one. What is in the file is looked
 * at first, by {@code pg_file_settings}, and only a file in which it refuses nothing is loaded: a
 * reload would put the rest in force.
 */
public final class SettingsTask {

  private static final Logger log = LoggerFactory.getLogger(SettingsTask.class);

  /** Name of the file, what the server started with, and what the one before it ended with. */
  private static final String STARTED =
      """
      SELECT pg_catalog.current_setting('postgres_instance.started', true),
             pg_catalog.current_setting('postgres_instance.configuration', true)""";

  /** This also marks in this session, for the next statement, what would need a restart. */
  private static final String FILE =
      """
      SELECT name, setting, error, sourcefile LIKE '%/postgresql.auto.conf'
      FROM pg_catalog.pg_file_settings ORDER BY seqno""";

  private static final String PENDING =
      "SELECT name FROM pg_catalog.pg_settings WHERE pending_restart ORDER BY name";

  /**
   * Of the sort order of whole databases: what single columns have is told in each of them only.
   */
  private static final String OTHER_COLLATION =
      """
      SELECT datname FROM pg_catalog.pg_database
      WHERE datallowconn
        AND datcollversion
            IS DISTINCT FROM pg_catalog.pg_database_collation_actual_version(oid)
      ORDER BY datname""";

  private static final String WANTED =
      """
      SELECT context,
             CASE vartype
               WHEN 'enum' THEN 'one of ' || pg_catalog.array_to_string(enumvals, ', ')
               WHEN 'bool' THEN 'on or off'
               WHEN 'string' THEN 'another text'
               ELSE pg_catalog.format('%s from %s to %s%s', vartype, min_val, max_val, ' ' || unit)
             END
      FROM pg_catalog.pg_settings WHERE pg_catalog.lower(name) = pg_catalog.lower(?)""";

  private static final String CONFIGURATION = "postgres_instance.configuration";
  private static final String NEEDS_RESTART = "cannot be changed without restarting the server";

  private final Connection connection;

  public SettingsTask(Connection connection) {
    this.connection = connection;
  }

  private record FileLine(String name, String setting, String error) {}

  /**
   * Asks, and has the file loaded if it is the expected one and nothing in it is refused.
   *
   * @param checkpointed what to say of the checkpoint
   */
  public ServerSettings ask(String expected, boolean checkpointed) throws SQLException {
    ServerSettings settings = ask(checkpointed);
    if (settings.onDisk().equals(expected)
        && settings.refused().isEmpty()
        && !settings.loaded().equals(expected)) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT pg_catalog.pg_reload_conf()");
      }
      log.info("had the server load configuration {}", expected);
    }
    return settings;
  }

  private ServerSettings ask(boolean checkpointed) throws SQLException {
    String[] started;
    String loaded;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(STARTED)) {
      row.next();
      started = (Optional.ofNullable(row.getString(1)).orElse("") + " - - -").split(" ");
      loaded = Optional.ofNullable(row.getString(2)).orElse("");
    }
    List<String> alterSystem = new ArrayList<>();
    List<FileLine> file = file(alterSystem);
    List<String> pending = names(PENDING);
    return new ServerSettings(
        started[0],
        started[1],
        started[2],
        loaded,
        file.stream()
            .filter(line -> CONFIGURATION.equals(line.name()))
            .map(FileLine::setting)
            .reduce("", (first, last) -> last),
        refused(file, pending),
        pending,
        alterSystem,
        names(OTHER_COLLATION),
        checkpointed);
  }

  private List<FileLine> file(List<String> alterSystem) throws SQLException {
    List<FileLine> lines = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(FILE)) {
      while (row.next()) {
        lines.add(new FileLine(row.getString(1), row.getString(2), row.getString(3)));
        if (row.getBoolean(4)) {
          alterSystem.add(row.getString(1));
        }
      }
    }
    return lines;
  }

  private List<String> names(String query) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names;
  }

  private List<RefusedParameter> refused(List<FileLine> file, List<String> pending)
      throws SQLException {
    List<RefusedParameter> refused = new ArrayList<>();
    for (FileLine line : file) {
      if (line.error() == null || pending.contains(line.name())) {
        continue;
      }
      if (line.name() == null) {
        if (!line.error().contains(NEEDS_RESTART)) {
          refused.add(new RefusedParameter("postgresql.conf", line.error()));
        }
      } else {
        refused.add(new RefusedParameter(line.name(), words(line)));
      }
    }
    return refused;
  }

  /** The file's view says only that it is refused; where a session may set it, that says why. */
  private String words(FileLine line) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(WANTED)) {
      statement.setString(1, line.name());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return line.error();
        }
        String wanted =
            "%s ('%s'; it wants %s)".formatted(line.error(), line.setting(), row.getString(2));
        return "user".equals(row.getString(1)) ? tried(line).orElse(wanted) : wanted;
      }
    }
  }

  private Optional<String> tried(FileLine line) {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_catalog.set_config(?, ?, true)")) {
      statement.setString(1, line.name());
      statement.setString(2, line.setting());
      statement.execute();
      return Optional.empty();
    } catch (SQLException e) {
      return Optional.of(e)
          .filter(PSQLException.class::isInstance)
          .map(PSQLException.class::cast)
          .map(PSQLException::getServerErrorMessage)
          .map(ServerErrorMessage::getMessage);
    }
  }
}
