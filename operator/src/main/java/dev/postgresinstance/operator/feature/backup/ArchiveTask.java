package dev.postgresinstance.operator.feature.backup;

import dev.postgresinstance.operator.feature.backup.ArchiveAccess.Closed;
import dev.postgresinstance.operator.feature.backup.ArchiveAccess.Open;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionTask;
import dev.postgresinstance.operator.sql.SqlState;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.postgresql.util.PasswordUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the backup pods their access to the server, or takes it away, and reads what they report.
 * As for the superuser, the operator's role calls functions that the start script has created.
 *
 * @param access the requested access
 */
public record ArchiveTask(ArchiveAccess access) implements SessionTask<ArchiveFindings> {

  private static final Logger log = LoggerFactory.getLogger(ArchiveTask.class);

  /** What was found. */
  public static final FindingKey<ArchiveFindings> ARCHIVE = FindingKey.of(ArchiveFindings.class);

  /**
   * Whether the functions exist, whether the role can log in and stream, whether it has sessions or
   * slots, the statement of the backup pod, and how much of the write-ahead log waits for it.
   */
  private static final String STATE =
      """
      SELECT pg_catalog.to_regprocedure('pgi.open_backup_access(text)') IS NOT NULL,
             EXISTS (SELECT FROM pg_catalog.pg_roles
                     WHERE rolname = '%1$s' AND rolcanlogin AND rolreplication),
             EXISTS (SELECT FROM pg_catalog.pg_replication_slots
                     WHERE pg_catalog.starts_with(slot_name::pg_catalog.text, '%1$s_')),
             (SELECT query FROM pg_catalog.pg_stat_activity
              WHERE usename = '%1$s' AND application_name = 'pgi_shipper'
              ORDER BY backend_start DESC LIMIT 1),
             (SELECT pg_catalog.max(CASE WHEN wal_status = 'lost' THEN 100
                       WHEN safe_wal_size IS NULL THEN 0
                       ELSE 100 - 100 * GREATEST(safe_wal_size, 0) / GREATEST(1, safe_wal_size
                              + pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn))
                     END)::pg_catalog.int4
              FROM pg_catalog.pg_replication_slots
              WHERE pg_catalog.starts_with(slot_name::pg_catalog.text, '%1$s_'))"""
          .formatted(Names.BACKUP_ROLE);

  private static final int TENS = 10;
  private static final Duration RECHECK_WHEN_CLOSED = Duration.ofSeconds(60);

  private record State(
      boolean canOpen, boolean isOpen, boolean hasSlots, Optional<String> statement, int kept) {}

  @Override
  public FindingKey<ArchiveFindings> finding() {
    return ARCHIVE;
  }

  @Override
  public boolean isSettled(ArchiveFindings findings) {
    return !(access instanceof Open) || findings.report().isPresent() || findings.needsRestart();
  }

  /** Without backup, nothing is expected to change. */
  @Override
  public Duration refreshInterval() {
    return access instanceof Closed ? RECHECK_WHEN_CLOSED : Duration.ZERO;
  }

  @Override
  public Optional<ArchiveFindings> run(Session session) throws SQLException {
    Optional<ArchiveFindings> known =
        session.stillValid(ARCHIVE).filter(last -> last.access().equals(access));
    if (access instanceof Closed && known.isPresent()) {
      return known;
    }
    State state = state(session);
    Optional<String> rejection = Optional.empty();
    boolean needsRestart = false;
    switch (access) {
      case Open open -> {
        needsRestart = !state.canOpen();
        rejection = needsRestart ? Optional.empty() : open(open, state, session);
      }
      case Closed closed -> close(state, session);
      case ArchiveAccess.Unchanged unchanged -> {}
    }
    return Optional.of(
        new ArchiveFindings(
            access, needsRestart, rejection, report(state, session), state.kept() / TENS * TENS));
  }

  /** For less than a millisecond, the session of the backup pod shows other statements. */
  private static Optional<ShipperReport> report(State state, Session session) {
    return state
        .statement()
        .flatMap(
            statement ->
                ShipperReport.of(statement)
                    .map(ShipperReport::rounded)
                    .or(() -> session.previous().get(ARCHIVE).flatMap(ArchiveFindings::report)));
  }

  private static State state(Session session) throws SQLException {
    try (Statement statement = session.connection().createStatement();
        ResultSet row = statement.executeQuery(STATE)) {
      row.next();
      return new State(
          row.getBoolean(1),
          row.getBoolean(2),
          row.getBoolean(3),
          Optional.ofNullable(row.getString(4)),
          row.getInt(5));
    }
  }

  /**
   * Tries a login only while no session of the backup pod shows that the password is right: it
   * would cost as much as the operator's own login.
   */
  private Optional<String> open(Open open, State state, Session session) throws SQLException {
    boolean isProven =
        state.isOpen()
            && session
                .previous()
                .get(ARCHIVE)
                .filter(last -> last.access().equals(access) && last.isGranted())
                .isPresent();
    if (isProven) {
      return Optional.empty();
    }
    Role role = new Role(Names.BACKUP_ROLE, open.password());
    LoginResult result = session.login().apply(role);
    if (!state.isOpen() || isRejected(result)) {
      try (PreparedStatement statement =
          session.connection().prepareStatement("SELECT pgi.open_backup_access(?)")) {
        statement.setString(1, PasswordUtil.encodeScramSha256(open.password().toCharArray()));
        statement.execute();
      }
      log.info("Set the password of the role {} at {}", Names.BACKUP_ROLE, session.host());
      result = session.login().apply(role);
    }
    return switch (result) {
      case LoginRejected rejected -> Optional.of(rejected.message());
      case LoginResult.Unreachable unreachable -> Optional.of(unreachable.message());
      default -> Optional.empty();
    };
  }

  private static boolean isRejected(LoginResult result) {
    return result instanceof LoginRejected rejected
        && (rejected.isWrongPassword() || rejected.is(SqlState.INVALID_AUTHORIZATION));
  }

  private static void close(State state, Session session) throws SQLException {
    if (state.canOpen() && (state.isOpen() || state.hasSlots())) {
      try (Statement statement = session.connection().createStatement()) {
        statement.execute("SELECT pgi.close_backup_access()");
      }
      log.info("Closed the access of the backup pods at {}", session.host());
    }
  }
}
