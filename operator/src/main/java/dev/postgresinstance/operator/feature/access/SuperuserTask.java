package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.feature.access.SuperuserAccess.Open;
import dev.postgresinstance.operator.sql.LoginRequest.Role;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.SessionRequest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.postgresql.util.PasswordUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the superuser in over the network, or keeps it out. The operator's role is none: it calls
 * functions that the start script has made in schema {@code pgi} of the database {@code postgres}.
 */
public final class SuperuserTask {

  private static final Logger log = LoggerFactory.getLogger(SuperuserTask.class);

  private static final String OTHERS =
      "SELECT rolname FROM pg_catalog.pg_roles WHERE rolsuper AND rolname <> 'postgres'"
          + " ORDER BY rolname";

  /** A session that was about to begin when the gate was shut is found by the next look. */
  private static final String OPEN =
      """
      SELECT EXISTS (SELECT FROM pg_catalog.pg_auth_members
                     WHERE roleid = (SELECT oid FROM pg_catalog.pg_roles
                                     WHERE rolname = 'pgi_superuser_access')),
             EXISTS (SELECT FROM pg_catalog.pg_stat_activity
                     WHERE usename = 'postgres' AND client_addr IS NOT NULL)""";

  private final Connection connection;
  private final String host;
  private final Function<Role, LoginResult> login;

  /**
   * A gate.
   *
   * @param connection of the operator's own role, in the database {@code postgres}
   * @param host for the log
   * @param login a login of the superuser over the network
   */
  public SuperuserTask(Connection connection, String host, Function<Role, LoginResult> login) {
    this.connection = connection;
    this.host = host;
    this.login = login;
  }

  /** Makes it so, as far as it is ours to mend, and tells what was found. */
  public SuperuserFindings keep(SuperuserAccess access, Set<SessionRequest> wishes)
      throws SQLException {
    return switch (access) {
      case Open open -> new SuperuserFindings(access, refusal(open, wishes), false, others());
      case SuperuserAccess.Closed closed ->
          new SuperuserFindings(access, Optional.empty(), shut(), others());
      case SuperuserAccess.AsItIs asItIs ->
          new SuperuserFindings(access, Optional.empty(), false, others());
    };
  }

  private Optional<String> refusal(Open open, Set<SessionRequest> wishes) throws SQLException {
    LoginResult result = login.apply(open.role());
    if (result instanceof LoginRejected refused
        && (refused.wrongPassword() || refused.notAuthorized())
        && (open.unpublished() || wishes.contains(SessionRequest.SET_PASSWORD))) {
      try (PreparedStatement statement =
          connection.prepareStatement("SELECT pgi.open_superuser_access(?)")) {
        statement.setString(
            1, PasswordUtil.encodeScramSha256(open.role().password().toCharArray()));
        statement.execute();
      }
      log.info("let the superuser in over the network at {}", host);
      result = login.apply(open.role());
    }
    return switch (result) {
      case LoginRejected refused -> Optional.of(refused.message());
      case LoginResult.Unreachable unreachable -> Optional.of(unreachable.message());
      default -> Optional.empty();
    };
  }

  /** Whether it was open. First it is shut, for all to see, and then sessions are ended. */
  private boolean shut() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean members;
      boolean sessions;
      try (ResultSet row = statement.executeQuery(OPEN)) {
        row.next();
        members = row.getBoolean(1);
        sessions = row.getBoolean(2);
      }
      if (members) {
        statement.execute("SELECT pgi.close_superuser_access()");
        log.info("shut the superuser out from the network at {}", host);
      }
      if (members || sessions) {
        statement.execute("SELECT pgi.end_superuser_sessions()");
      }
      return members || sessions;
    }
  }

  private List<String> others() throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(OTHERS)) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names;
  }
}
