package dev.postgresinstance.operator.archive.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * How a program logs in to the server of the instance.
 *
 * @param sslMode {@code disable}, {@code require} or {@code verify-full}
 * @param authority the certificate that must have signed that of the server
 */
public record DatabaseLogin(
    String host,
    String port,
    String username,
    String password,
    String sslMode,
    Optional<Path> authority) {

  private static final String CONNECT_SECONDS = "10";

  /** Longer than every statement of the programs takes, so a longer silence is a lost server. */
  private static final String ANSWER_SECONDS = "20";

  /** What roles and databases may set otherwise, and what the statements rely on. */
  private static final String SETTINGS =
      "-c search_path=pg_catalog -c standard_conforming_strings=on -c statement_timeout=0"
          + " -c lock_timeout=0 -c idle_session_timeout=0";

  /** Reads the keys of a mounted Secret. */
  static DatabaseLogin read(Path folder) throws ProgramFailure {
    Path authority = folder.resolve("ca.crt");
    return new DatabaseLogin(
        value(folder, "host"),
        value(folder, "port"),
        value(folder, "username"),
        value(folder, "password"),
        value(folder, "sslmode"),
        Optional.of(authority).filter(Files::exists));
  }

  private static String value(Path folder, String key) throws ProgramFailure {
    try {
      return Files.readString(folder.resolve(key)).strip();
    } catch (IOException e) {
      throw new ProgramFailure(
          "Misconfigured", "Cannot read %s of the login: %s".formatted(key, e));
    }
  }

  /**
   * Opens a session in the database {@code postgres}, with each statement in a transaction of its
   * own.
   *
   * @param application the {@code application_name} of the session
   */
  public Connection connect(String application) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", username);
    properties.setProperty("password", password);
    properties.setProperty("ApplicationName", application);
    properties.setProperty("sslmode", sslMode);
    authority.ifPresent(file -> properties.setProperty("sslrootcert", file.toString()));
    properties.setProperty("gssEncMode", "disable");
    properties.setProperty("options", SETTINGS);
    properties.setProperty("connectTimeout", CONNECT_SECONDS);
    properties.setProperty("loginTimeout", ANSWER_SECONDS);
    properties.setProperty("socketTimeout", ANSWER_SECONDS);
    properties.setProperty("tcpKeepAlive", "true");
    // The text of a statement is its own status message, so it must never be a prepared one.
    properties.setProperty("preferQueryMode", "simple");
    String address = "jdbc:postgresql://%s:%s/postgres".formatted(host, port);
    return new Driver().connect(address, properties);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return username + "@" + host + ":" + port;
  }
}
