package dev.postgresinstance.tests.support;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** A PostgreSQL client outside the cluster, connected through the node port. */
public final class Client implements AutoCloseable {

  /** Reads whether the own session is encrypted. */
  public static final String IS_ENCRYPTED =
      "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

  private static final String TOO_MANY_CONNECTIONS = "53300";

  private final Connection connection;

  private Client(Connection connection) {
    this.connection = connection;
  }

  /** Logs in at the address from the status with the credentials from the Secret. */
  public static Client connect(Instance instance) throws SQLException {
    return connect(instance, instance.credentials().get("database"));
  }

  /**
   * Like {@link #connect(Instance)}, but retries: nodes need a moment to learn the endpoints of a
   * recreated Service.
   */
  public static Client connectSoon(Instance instance) {
    return Eventually.nonNull("a login to " + instance, () -> connect(instance));
  }

  /** Like {@link #connect(Instance)}, but to another database. */
  public static Client connect(Instance instance, String database) throws SQLException {
    Map<String, String> credentials = instance.credentials();
    return connect(
        instance.resource().getStatus().endpoints().address(),
        database,
        credentials.get("username"),
        credentials.get("password"));
  }

  /** Reads one value in a session of the application. */
  public static String read(Instance instance, String sql) throws SQLException {
    try (Client client = connect(instance)) {
      return client.read(sql);
    }
  }

  /** Opens sessions until the connection limit of the role is reached. */
  public static List<Client> connectUntilFull(Instance instance) throws SQLException {
    List<Client> sessions = new ArrayList<>();
    while (true) {
      try {
        sessions.add(connect(instance));
      } catch (SQLException e) {
        if (TOO_MANY_CONNECTIONS.equals(e.getSQLState())) {
          return sessions;
        }
        throw e;
      }
    }
  }

  /** Logs in at the given address with the given credentials. */
  public static Client connect(String address, String database, String username, String password)
      throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", username);
    properties.setProperty("password", password);
    properties.setProperty("sslmode", "disable");
    return open("jdbc:postgresql://" + address + "/" + database, properties);
  }

  /** Logs in with a JDBC URL that contains the credentials. */
  public static Client connect(String jdbcUrl) throws SQLException {
    return open(jdbcUrl, new Properties());
  }

  private static Client open(String url, Properties properties) throws SQLException {
    properties.setProperty("connectTimeout", "30");
    properties.setProperty("socketTimeout", "30");
    return new Client(DriverManager.getConnection(url, properties));
  }

  public void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of the first row, as text. */
  public String read(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      if (!rows.next()) {
        throw new AssertionError("no row: " + sql);
      }
      return rows.getString(1);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
