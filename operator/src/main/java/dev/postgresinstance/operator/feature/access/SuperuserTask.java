package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.feature.access.SuperuserAccess.Closed;
import dev.postgresinstance.operator.feature.access.SuperuserAccess.Open;
import dev.postgresinstance.operator.feature.access.SuperuserAccess.Unchanged;
import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionTask;
import dev.postgresinstance.operator.sql.SqlState;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.postgresql.util.PasswordUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the superuser log in over the network, or keeps it out. The operator's role is no superuser:
 * it calls functions that the start script has created in schema {@code pgi} of the database {@code
 * postgres}.
 *
 * @param access the requested access
 */
public record SuperuserTask(SuperuserAccess access) implements SessionTask<SuperuserFindings> {

  private static final Logger log = LoggerFactory.getLogger(SuperuserTask.class);

  /** What was found of the superusers. */
  public static final FindingKey<SuperuserFindings> SUPERUSERS =
      FindingKey.of(SuperuserFindings.class);

  private static final String OTHERS =
      "SELECT rolname FROM pg_catalog.pg_roles WHERE rolsuper AND rolname <> 'postgres'"
          + " ORDER BY rolname";

  /** A session that begins while the access is being closed is found by the next look. */
  private static final String IS_OPEN =
      """
      SELECT EXISTS (SELECT FROM pg_catalog.pg_auth_members
                     WHERE roleid = (SELECT oid FROM pg_catalog.pg_roles
                                     WHERE rolname = 'pgi_superuser_access')),
             EXISTS (SELECT FROM pg_catalog.pg_stat_activity
                     WHERE usename = 'postgres' AND client_addr IS NOT NULL)""";

  @Override
  public FindingKey<SuperuserFindings> finding() {
    return SUPERUSERS;
  }

  @Override
  public boolean isSettled(SuperuserFindings findings) {
    return findings.isSettled();
  }

  @Override
  public Optional<SuperuserFindings> run(Session session) throws SQLException {
    Optional<String> rejection = Optional.empty();
    boolean closing = false;
    switch (access) {
      case Open open -> rejection = open(open, session);
      case Closed closed -> closing = close(session);
      case Unchanged unchanged -> {}
    }
    return Optional.of(new SuperuserFindings(access, rejection, closing, others(session)));
  }

  private static Optional<String> open(Open open, Session session) throws SQLException {
    LoginResult result = session.login().apply(open.role());
    if (result instanceof LoginRejected rejected
        && (rejected.isWrongPassword() || rejected.is(SqlState.INVALID_AUTHORIZATION))
        && (open.unpublished() || session.isRequested(CredentialRepair.SET_PASSWORD))) {
      try (PreparedStatement statement =
          session.connection().prepareStatement("SELECT pgi.open_superuser_access(?)")) {
        statement.setString(
            1, PasswordUtil.encodeScramSha256(open.role().password().toCharArray()));
        statement.execute();
      }
      log.info("Opened superuser access over the network at {}", session.host());
      result = session.login().apply(open.role());
    }
    return switch (result) {
      case LoginRejected rejected -> Optional.of(rejected.message());
      case LoginResult.Unreachable unreachable -> Optional.of(unreachable.message());
      default -> Optional.empty();
    };
  }

  /** Closes the access before it ends the sessions; returns whether there was anything to do. */
  private static boolean close(Session session) throws SQLException {
    try (Statement statement = session.connection().createStatement()) {
      boolean open;
      boolean sessions;
      try (ResultSet row = statement.executeQuery(IS_OPEN)) {
        row.next();
        open = row.getBoolean(1);
        sessions = row.getBoolean(2);
      }
      if (open) {
        statement.execute("SELECT pgi.close_superuser_access()");
        log.info("Closed superuser access over the network at {}", session.host());
      }
      if (open || sessions) {
        statement.execute("SELECT pgi.end_superuser_sessions()");
      }
      return open || sessions;
    }
  }

  private static List<String> others(Session session) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = session.connection().createStatement();
        ResultSet row = statement.executeQuery(OTHERS)) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names;
  }
}
