package dev.postgresinstance.operator.archive.program;

import dev.postgresinstance.operator.archive.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The server, by SQL. Only {@link #connect} opens a session; everything else needs an open one. */
public final class SqlServer implements Server, AutoCloseable {

  private static final int HEX = 16;

  private static final String STATE =
      """
      SELECT (pg_control_system()).system_identifier, \
      left(pg_walfile_name(pg_current_wal_flush_lsn()), 8), \
      pg_size_bytes(current_setting('wal_segment_size')), \
      current_setting('wal_block_size')::int, \
      split_part(current_setting('server_version'), ' ', 1), \
      pg_current_wal_flush_lsn(), %s\
      """
          .formatted(micros());

  private static final String SLOTS =
      """
      SELECT slot_name, restart_lsn, wal_status FROM pg_replication_slots \
      WHERE slot_type = 'physical' AND slot_name ~ '^%s$' ORDER BY slot_name DESC\
      """
          .formatted(GuardSlot.NAMES);

  /** The time is that of the start of the statement: before the position is read. */
  private static final String OBSERVATION =
      """
      SELECT %s, pg_current_wal_flush_lsn(), (SELECT min(write_lsn) FROM pg_stat_replication \
      WHERE application_name = 'pgi_receiver'), s.slot_name, s.restart_lsn, s.wal_status \
      FROM (VALUES (?)) AS v (name) LEFT JOIN pg_replication_slots s ON s.slot_name = v.name\
      """
          .formatted(micros());

  @FunctionalInterface
  private interface Call<T> {
    T on(Connection session) throws SQLException;
  }

  private final String application;
  private volatile Optional<Connection> current = Optional.empty();
  private final AtomicInteger sessions = new AtomicInteger();
  private String published = "";

  /** Without a session yet. */
  public SqlServer(String application) {
    this.application = application;
  }

  private static String micros() {
    return "(extract(epoch FROM now()) * 1000000)::bigint";
  }

  /** Opens a session unless there is one. */
  public void connect(DatabaseLogin login) throws SQLException {
    if (current.isEmpty()) {
      current = Optional.of(login.connect(application));
      sessions.incrementAndGet();
    }
  }

  @Override
  public int session() {
    return sessions.get();
  }

  @Override
  public ServerState state() throws SQLException {
    return call(
        session -> {
          try (Statement statement = session.createStatement()) {
            List<GuardSlot> slots = slots(statement);
            try (ResultSet row = statement.executeQuery(STATE)) {
              row.next();
              return new ServerState(
                  row.getString(1),
                  Integer.parseUnsignedInt(row.getString(2), HEX),
                  row.getLong(3),
                  row.getInt(4),
                  row.getString(5),
                  Lsn.parse(row.getString(6)),
                  instant(row.getLong(7)),
                  slots);
            }
          }
        });
  }

  private static List<GuardSlot> slots(Statement statement) throws SQLException {
    List<GuardSlot> slots = new ArrayList<>();
    try (ResultSet row = statement.executeQuery(SLOTS)) {
      while (row.next()) {
        slots.add(slot(row, 1));
      }
    }
    return List.copyOf(slots);
  }

  private static GuardSlot slot(ResultSet row, int column) throws SQLException {
    return new GuardSlot(
        row.getString(column),
        !"lost".equals(row.getString(column + 2)),
        Optional.ofNullable(row.getString(column + 1)).map(Lsn::parse));
  }

  @Override
  public Observation observe(String slot) throws SQLException {
    return call(
        session -> {
          try (PreparedStatement statement = session.prepareStatement(OBSERVATION)) {
            statement.setString(1, slot);
            try (ResultSet row = statement.executeQuery()) {
              row.next();
              return new Observation(
                  Lsn.parse(row.getString(2)),
                  instant(row.getLong(1)),
                  Optional.ofNullable(row.getString(3)).map(Lsn::parse),
                  row.getString(4) == null ? Optional.empty() : Optional.of(slot(row, 4)));
            }
          }
        });
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  @Override
  public void createSlot(String name) throws SQLException {
    select("SELECT pg_create_physical_replication_slot(?, true)", name);
  }

  @Override
  public void advanceSlot(String name, Lsn position) throws SQLException {
    select("SELECT pg_replication_slot_advance(?, ?::pg_lsn)", name, position.toString());
  }

  @Override
  public void dropSlot(String name) throws SQLException {
    select("SELECT pg_drop_replication_slot(?)", name);
  }

  @Override
  public synchronized void publish(String statement) throws SQLException {
    published = statement;
    call(session -> statement);
  }

  /** The text of the last statement is what the operator sees. */
  private void publishOn(Connection session) throws SQLException {
    if (!published.isEmpty()) {
      try (Statement statement = session.createStatement()) {
        statement.setEscapeProcessing(false);
        statement.execute(published);
      }
    }
  }

  private void select(String text, String... parameters) throws SQLException {
    call(
        session -> {
          try (PreparedStatement statement = session.prepareStatement(text)) {
            for (int i = 0; i < parameters.length; i++) {
              statement.setString(i + 1, parameters[i]);
            }
            statement.execute();
            return text;
          }
        });
  }

  private synchronized <T> T call(Call<T> call) throws SQLException {
    Connection session =
        current.orElseThrow(() -> new SQLException("there is no session", "08003"));
    try {
      T result = call.on(session);
      publishOn(session);
      return result;
    } catch (SQLException e) {
      if (isLost(session, e)) {
        close();
      }
      throw e;
    }
  }

  /** Class 08 is a lost connection, 57 an intervention of an administrator. */
  private static boolean isLost(Connection session, SQLException e) throws SQLException {
    String state = String.valueOf(e.getSQLState());
    return session.isClosed() || state.startsWith("08") || state.startsWith("57P");
  }

  /** Ends the session; the next one can be opened. */
  @Override
  public synchronized void close() {
    Optional<Connection> former = current;
    current = Optional.empty();
    try {
      if (former.isPresent()) {
        former.get().close();
      }
    } catch (SQLException e) {
      ProgramLog.say("Cannot end the session: %s", e.getMessage());
    }
  }
}
