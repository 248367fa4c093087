package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.feature.roles.ownership.FormerOwners;
import dev.postgresinstance.operator.feature.roles.ownership.RoleMarker;
import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionRequest;
import dev.postgresinstance.operator.sql.SessionTask;
import dev.postgresinstance.operator.sql.SqlMessage;
import dev.postgresinstance.operator.sql.SqlState;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.postgresql.util.PSQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all roles that PostgresRoles name with one statement, and sets what differs. The operator's
 * role is no superuser: PostgreSQL lets it create roles, and change those that it has created.
 *
 * @param request the requested roles
 */
public record RolesTask(RolesRequest request) implements SessionTask<RolesFindings> {

  private static final Logger log = LoggerFactory.getLogger(RolesTask.class);

  /** What others change in the database is corrected within a minute. */
  private static final Duration INTERVAL = Duration.ofSeconds(30);

  /** Without PostgresRoles there is nothing to correct; what has to be dropped changes the task. */
  private static final Duration INTERVAL_WITHOUT_ROLES = Duration.ofMinutes(10);

  /** A hostile server may send a detail of any length. */
  private static final int MAX_DETAIL = 500;

  /** The role may hold a lock on itself. Much less than the time-out of an answer. */
  private static final String LOCK_TIMEOUT = "SET LOCAL lock_timeout = '1s'";

  /**
   * A member of a privileged role crosses the boundary between users of the database. With hundreds
   * of roles, {@code pg_has_role} with admin option would take seconds.
   */
  private static final String READ =
      """
      WITH privileged AS MATERIALIZED (
             SELECT oid FROM pg_catalog.pg_roles
             WHERE rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls
                OR pg_catalog.starts_with(rolname, 'pg_') OR pg_catalog.starts_with(rolname, 'pgi_')
                OR rolname = ?),
           me AS MATERIALIZED (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)
      SELECT r.oid::pg_catalog.text, r.rolname, r.rolsuper, r.rolcanlogin, r.rolconnlimit,
             CASE WHEN r.rolvaliduntil = '-infinity' THEN 0 WHEN pg_catalog.isfinite(r.rolvaliduntil)
                  THEN extract(epoch FROM r.rolvaliduntil)::pg_catalog.int8 END,
             pg_catalog.shobj_description(r.oid, 'pg_authid'), r.rolconfig,
             ARRAY(SELECT g.rolname::pg_catalog.text FROM pg_catalog.pg_auth_members m
                   JOIN pg_catalog.pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid),
             ARRAY(SELECT g.rolname::pg_catalog.text FROM pg_catalog.pg_auth_members m
                   JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
                   WHERE m.member = r.oid AND m.grantor = (SELECT oid FROM me)),
             EXISTS (SELECT FROM privileged p WHERE pg_catalog.pg_has_role(r.oid, p.oid, 'MEMBER')),
             EXISTS (SELECT FROM pg_catalog.pg_auth_members m
                     WHERE m.roleid = r.oid AND m.member = (SELECT oid FROM me) AND m.admin_option)
      FROM pg_catalog.pg_roles r
      WHERE r.rolname = ANY (?)
         OR pg_catalog.strpos(pg_catalog.shobj_description(r.oid, 'pg_authid'), ?) > 0""";

  /** Tells the next session that the API server has no PostgresRole with this uid any more. */
  public static SessionRequest ownerIsGone(String uid) {
    return SessionRequest.of("PostgresRole %s is gone".formatted(uid));
  }

  @Override
  public FindingKey<RolesFindings> finding() {
    return RolesFindings.ROLES;
  }

  @Override
  public Duration refreshInterval() {
    return request.roles().isEmpty() ? INTERVAL_WITHOUT_ROLES : INTERVAL;
  }

  @Override
  public boolean isSettled(RolesFindings findings) {
    return findings.complete();
  }

  @Override
  public Optional<RolesFindings> run(Session session) throws SQLException {
    Optional<RolesFindings> previous = session.previous().get(RolesFindings.ROLES);
    Predicate<String> isGone = uid -> session.isRequested(ownerIsGone(uid));
    Set<String> known = previous.map(RolesFindings::gone).orElse(Set.of());
    Optional<RolesFindings> valid =
        session
            .stillValid(RolesFindings.ROLES)
            .filter(findings -> findings.complete() && findings.request().equals(request))
            .filter(findings -> findings.unconfirmed().keySet().stream().noneMatch(isGone));
    if (valid.isPresent()) {
      return valid;
    }
    try {
      return Optional.of(
          new RoleSync(
                  request,
                  previous,
                  new FormerOwners(request.uids(), isGone.or(known::contains)),
                  new Server(session, request.database()),
                  InstantSource.system())
              .run(read(session.connection())));
    } catch (ConnectionLostException e) {
      throw e.cause();
    }
  }

  private List<RoleState> read(Connection connection) throws SQLException {
    List<RoleState> states = new ArrayList<>();
    Set<String> names = request.names();
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      statement.setString(1, request.owner());
      statement.setArray(2, connection.createArrayOf("text", names.toArray()));
      statement.setString(3, RoleMarker.PREFIX);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          states.add(state(row));
        }
      }
    }
    return states;
  }

  private static RoleState state(ResultSet row) throws SQLException {
    int column = 1;
    String oid = row.getString(column++);
    String name = row.getString(column++);
    boolean superuser = row.getBoolean(column++);
    boolean login = row.getBoolean(column++);
    int connectionLimit = row.getInt(column++);
    long epoch = row.getLong(column++);
    Optional<Instant> validUntil =
        row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochSecond(epoch));
    return new RoleState(
        oid,
        name,
        superuser,
        login,
        connectionLimit,
        validUntil,
        Optional.ofNullable(row.getString(column++)),
        RoleChanges.parameters(texts(row.getArray(column++))),
        Set.copyOf(RoleState.names(texts(row.getArray(column++)))),
        Set.copyOf(RoleState.names(texts(row.getArray(column++)))),
        row.getBoolean(column++),
        row.getBoolean(column));
  }

  private static String[] texts(Array array) throws SQLException {
    return array == null ? null : (String[]) array.getArray();
  }

  /** The connection is of no use any more; nothing was rejected. */
  private static final class ConnectionLostException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient SQLException failure;

    private ConnectionLostException(SQLException failure) {
      super(failure);
      this.failure = failure;
    }

    private SQLException cause() {
      return failure;
    }
  }

  private record Server(Session session, String database) implements RoleServer {

    @Override
    public Optional<Failure> execute(String... statements) {
      Connection connection = session.connection();
      try (Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute(LOCK_TIMEOUT);
        for (String sql : statements) {
          statement.execute(sql);
        }
        connection.commit();
        connection.setAutoCommit(true);
        return Optional.empty();
      } catch (SQLException e) {
        rollBack(connection, e);
        return Optional.of(
            SqlState.LOCK_NOT_AVAILABLE.is(e)
                ? new Failure(e.getSQLState(), RoleWriter.HELD, "")
                : new Failure(
                    Objects.requireNonNullElse(e.getSQLState(), ""), SqlMessage.of(e), detail(e)));
      }
    }

    /** Names what depends on a role, for example. */
    private static String detail(SQLException e) {
      return e instanceof PSQLException failure && failure.getServerErrorMessage() != null
          ? Text.truncate(
              Objects.requireNonNullElse(failure.getServerErrorMessage().getDetail(), ""),
              MAX_DETAIL)
          : "";
    }

    private static void rollBack(Connection connection, SQLException cause) {
      try {
        connection.rollback();
        connection.setAutoCommit(true);
      } catch (SQLException lost) {
        throw new ConnectionLostException(cause);
      }
    }

    @Override
    public LoginResult login(Role role) {
      return session.logins().apply(database, role);
    }

    @Override
    public void log(String sentence) {
      log.info("{} at {}", sentence, session.host());
    }
  }
}
