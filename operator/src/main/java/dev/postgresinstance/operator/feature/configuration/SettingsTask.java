package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.operator.feature.configuration.ServerSettings.RejectedParameter;
import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionTask;
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
 * Asks a server about its configuration, and has it load a new one. The task first looks at the
 * file through {@code pg_file_settings} and reloads only a file in which nothing is rejected: a
 * reload would put the rest of such a file in force.
 *
 * @param expected hash of the configuration that the server is to load; empty for none
 */
public record SettingsTask(String expected) implements SessionTask<ServerSettings> {

  private static final Logger log = LoggerFactory.getLogger(SettingsTask.class);

  /** What the server reports about its configuration. */
  public static final FindingKey<ServerSettings> SETTINGS = FindingKey.of(ServerSettings.class);

  /**
   * The start script's note (file, configuration, and the configuration with which the server
   * before has ended), and the configuration that is loaded.
   */
  private static final String STARTED =
      """
      SELECT pg_catalog.current_setting('postgres_instance.started', true),
             pg_catalog.current_setting('postgres_instance.configuration', true)""";

  /** This view also marks in this session, for {@link #PENDING}, what would need a restart. */
  private static final String FILE =
      """
      SELECT name, setting, error, sourcefile LIKE '%/postgresql.auto.conf'
      FROM pg_catalog.pg_file_settings ORDER BY seqno""";

  private static final String PENDING =
      "SELECT name FROM pg_catalog.pg_settings WHERE pending_restart ORDER BY name";

  private static final String ALLOWED_VALUES =
      """
      SELECT context,
             CASE vartype
               WHEN 'enum' THEN 'one of ' || pg_catalog.array_to_string(enumvals, ', ')
               WHEN 'bool' THEN 'on or off'
               WHEN 'string' THEN 'another text'
               ELSE pg_catalog.format('%s from %s to %s%s', vartype, min_val, max_val, ' ' || unit)
             END
      FROM pg_catalog.pg_settings WHERE pg_catalog.lower(name) = pg_catalog.lower(?)""";

  private static final String CONFIGURATION = Configuration.CLASS + ".configuration";
  private static final String NEEDS_RESTART = "cannot be changed without restarting the server";

  @Override
  public FindingKey<ServerSettings> finding() {
    return SETTINGS;
  }

  @Override
  public boolean isSettled(ServerSettings settings) {
    return settings.isSettled(expected);
  }

  @Override
  public Optional<ServerSettings> run(Session session) throws SQLException {
    ServerSettings settings = new Reader(session.connection()).read();
    if (settings.onDisk().equals(expected)
        && settings.rejected().isEmpty()
        && !settings.loaded().equals(expected)) {
      try (Statement statement = session.connection().createStatement()) {
        statement.execute("SELECT pg_catalog.pg_reload_conf()");
      }
      log.info("Reloaded the server at {} with configuration {}", session.host(), expected);
    }
    return Optional.of(settings);
  }

  private record FileLine(String name, String setting, String error) {}

  /** Reads the settings over one connection. */
  private record Reader(Connection connection) {

    ServerSettings read() throws SQLException {
      String[] started;
      String loaded;
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery(STARTED)) {
        row.next();
        // A server that was started without the note has read nothing of ours.
        started = (Optional.ofNullable(row.getString(1)).orElse("") + " - - -").split(" ");
        loaded = Optional.ofNullable(row.getString(2)).orElse("");
      }
      List<String> alterSystem = new ArrayList<>();
      List<FileLine> file = file(alterSystem);
      List<String> pending = pending();
      return new ServerSettings(
          started[0],
          started[1],
          started[2],
          loaded,
          file.stream()
              .filter(line -> CONFIGURATION.equalsIgnoreCase(line.name()))
              .map(FileLine::setting)
              .reduce("", (first, last) -> last),
          rejected(file, pending),
          pending,
          alterSystem);
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

    private List<String> pending() throws SQLException {
      List<String> names = new ArrayList<>();
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery(PENDING)) {
        while (row.next()) {
          names.add(row.getString(1));
        }
      }
      return names;
    }

    private List<RejectedParameter> rejected(List<FileLine> file, List<String> pending)
        throws SQLException {
      List<RejectedParameter> rejected = new ArrayList<>();
      for (FileLine line : file) {
        if (line.error() == null
            || pending.stream().anyMatch(n -> n.equalsIgnoreCase(line.name()))) {
          continue;
        }
        if (line.name() == null) {
          if (!line.error().contains(NEEDS_RESTART)) {
            rejected.add(new RejectedParameter("postgresql.conf", line.error()));
          }
        } else {
          rejected.add(new RejectedParameter(line.name(), explain(line)));
        }
      }
      return rejected;
    }

    /** The view gives no reason; where a session may set the parameter, trying it gives one. */
    private String explain(FileLine line) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(ALLOWED_VALUES)) {
        statement.setString(1, line.name());
        try (ResultSet row = statement.executeQuery()) {
          if (!row.next()) {
            return line.error();
          }
          String allowed =
              "%s ('%s'; allowed is %s)".formatted(line.error(), line.setting(), row.getString(2));
          return "user".equals(row.getString(1)) ? trySetting(line).orElse(allowed) : allowed;
        }
      }
    }

    private Optional<String> trySetting(FileLine line) {
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
}
