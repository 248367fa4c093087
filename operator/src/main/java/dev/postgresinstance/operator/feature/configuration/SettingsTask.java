package dev.postgresinstance.operator.feature.configuration;

import static dev.postgresinstance.operator.feature.configuration.ServerSettings.LIBRARIES;

import dev.postgresinstance.operator.feature.configuration.ServerSettings.Login;
import dev.postgresinstance.operator.feature.configuration.ServerSettings.RejectedParameter;
import dev.postgresinstance.operator.sql.FileSettings;
import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.RejectionCause;
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
 * <p>A library in {@code session_preload_libraries} that cannot be loaded shows in no view, and
 * rejects every session. The operator's role is exempt from this parameter since the start script
 * has set its roles; on a server that runs since before that, a file with new libraries is not
 * reloaded, but waits for the restart that exempts the role.
 *
 * @param expected hash of the configuration that the server is to load; empty for none
 */
public record SettingsTask(String expected) implements SessionTask<ServerSettings> {

  private static final Logger log = LoggerFactory.getLogger(SettingsTask.class);

  /** What the server reports about its configuration. */
  public static final FindingKey<ServerSettings> SETTINGS = FindingKey.of(ServerSettings.class);

  /** The start script's notes, see {@link ServerSettings}, and the configuration in force. */
  private static final String STARTED =
      """
      SELECT pg_catalog.current_setting('postgres_instance.started', true),
             pg_catalog.current_setting('postgres_instance.objections', true),
             pg_catalog.current_setting('postgres_instance.configuration', true)""";

  /** This view also marks in this session, for {@link #PENDING}, what would need a restart. */
  private static final String FILE =
      """
      SELECT name, setting, error, sourcefile LIKE '%/postgresql.auto.conf'
      FROM pg_catalog.pg_file_settings ORDER BY seqno""";

  /** Also the libraries that sessions load, and whether the role has its own setting of that. */
  private static final String PENDING =
      """
      SELECT name, setting, source = 'user', pending_restart
      FROM pg_catalog.pg_settings
      WHERE pending_restart OR name = 'session_preload_libraries' ORDER BY name""";

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

  @Override
  public FindingKey<ServerSettings> finding() {
    return SETTINGS;
  }

  @Override
  public boolean isSettled(ServerSettings settings) {
    return settings.isSettled(expected) && !(settings.login() instanceof Login.Inconclusive);
  }

  @Override
  public Optional<ServerSettings> run(Session session) throws SQLException {
    ServerSettings settings = new Reader(session).read();
    if (settings.onDisk().equals(expected)
        && settings.rejected().isEmpty()
        && !settings.isReloadUnsafe()
        && !settings.loaded().equals(expected)) {
      try (Statement statement = session.connection().createStatement()) {
        statement.execute("SELECT pg_catalog.pg_reload_conf()");
      }
      log.info("Reloaded the server at {} with configuration {}", session.host(), expected);
    }
    return Optional.of(settings);
  }

  private record FileLine(String name, String setting, String error) {}

  /** Reads the settings in one session. */
  private record Reader(Session session) {

    private Connection connection() {
      return session.connection();
    }

    ServerSettings read() throws SQLException {
      String[] started;
      String objections;
      String loaded;
      try (Statement statement = connection().createStatement();
          ResultSet row = statement.executeQuery(STARTED)) {
        row.next();
        // A server that was started without the note has read nothing of ours.
        started = (Optional.ofNullable(row.getString(1)).orElse("") + " - - -").split(" ");
        objections = Optional.ofNullable(row.getString(2)).orElse("");
        loaded = Optional.ofNullable(row.getString(3)).orElse("");
      }
      List<String> alterSystem = new ArrayList<>();
      List<FileLine> file = file(alterSystem);
      List<String> pending = pending(file);
      return new ServerSettings(
          started[0],
          started[1],
          started[2],
          objections,
          loaded,
          file.stream()
              .filter(line -> CONFIGURATION.equalsIgnoreCase(line.name()))
              .map(FileLine::setting)
              .reduce("", (first, last) -> last),
          rejected(file, pending),
          pending,
          alterSystem,
          login(loaded));
    }

    private List<FileLine> file(List<String> alterSystem) throws SQLException {
      List<FileLine> lines = new ArrayList<>();
      try (Statement statement = connection().createStatement();
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

    private List<String> pending(List<FileLine> file) throws SQLException {
      List<String> names = new ArrayList<>();
      try (Statement statement = connection().createStatement();
          ResultSet row = statement.executeQuery(PENDING)) {
        while (row.next()) {
          boolean isExempt = row.getBoolean(3);
          if (row.getBoolean(4) || (!isExempt && addsLibraries(file, row.getString(2)))) {
            names.add(row.getString(1));
          }
        }
      }
      return names;
    }

    private static boolean addsLibraries(List<FileLine> file, String present) {
      return file.stream()
          .filter(line -> LIBRARIES.equalsIgnoreCase(line.name()) && line.error() == null)
          .reduce((first, last) -> last)
          .map(FileLine::setting)
          .filter(setting -> !setting.isBlank() && !setting.equals(present))
          .isPresent();
    }

    /** The login that preceded this session, if the configuration was already in force then. */
    private Login login(String loaded) {
      boolean wasInForce =
          session
              .previous()
              .get(SETTINGS)
              .map(ServerSettings::loaded)
              .orElse(loaded)
              .equals(loaded);
      return switch (session.published()) {
        case LoggedIn loggedIn when wasInForce -> new Login.Accepted();
        case LoginRejected rejected when wasInForce && RejectionCause.mayBeSetting(rejected) ->
            new Login.Rejected(rejected.message());
        default -> new Login.Inconclusive();
      };
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
          if (!line.error().contains(FileSettings.NEEDS_RESTART)) {
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
      try (PreparedStatement statement = connection().prepareStatement(ALLOWED_VALUES)) {
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
          connection().prepareStatement("SELECT pg_catalog.set_config(?, ?, true)")) {
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
