package dev.postgresinstance.operator.feature.tls.session;

import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionTask;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the sessions from the network without TLS, and ends them once the server refuses further
 * ones.
 *
 * <p>No view shows which rules of authentication a server has loaded: {@code pg_hba_file_rules}
 * reads the file. So the file of the rules comes with a parameter, which the postmaster loads right
 * before them ({@code process_pm_reload_request} in {@code postmaster.c}). A session that has begun
 * after that has the value from the postmaster, which had then loaded both; a session that has read
 * the configuration itself proves nothing. PostgreSQL keeps the former rules if it cannot read the
 * new ones. Then a session without TLS begins afterwards, and the server has to reload.
 *
 * @param required whether the server should have no such sessions
 */
public record PlainSessionsTask(boolean required) implements SessionTask<PlainSessions> {

  private static final Logger log = LoggerFactory.getLogger(PlainSessionsTask.class);

  /**
   * The parameter that shows which rules of authentication a server has loaded. It is in the same
   * volume as the rules, which the kubelet replaces as a whole, and PostgreSQL loads it right
   * before them.
   */
  public static final String MARKER = "postgres_instance.hba";

  /** Its value while the rules require TLS. */
  public static final String RULES_MARKER = "tls-required";

  /** What was found. */
  public static final FindingKey<PlainSessions> PLAIN_SESSIONS = FindingKey.of(PlainSessions.class);

  /** Sessions come and go, and each change is a write of the status. */
  private static final Duration REFRESH_INTERVAL = Duration.ofSeconds(60);

  private static final int MAX_ROLES = 8;
  private static final int MAX_ROLE_LENGTH = 63;
  private static final int EXACT = 10;

  /**
   * Of a session without a role, the login has not ended: it may yet be encrypted. A session begins
   * when its process is created, which may be a moment before it has its time.
   */
  private static final String SESSIONS =
      """
      WITH plain AS (
        SELECT usename, backend_start
        FROM pg_catalog.pg_stat_activity JOIN pg_catalog.pg_stat_ssl USING (pid)
        WHERE NOT ssl AND client_addr IS NOT NULL AND usesysid IS NOT NULL
          AND pid <> pg_catalog.pg_backend_pid())
      SELECT pg_catalog.current_setting('%s', true),
             pg_catalog.pg_conf_load_time() <= (
               SELECT backend_start FROM pg_catalog.pg_stat_activity
               WHERE pid = pg_catalog.pg_backend_pid()),
             pg_catalog.to_regprocedure('pgi.end_plain_sessions()') IS NOT NULL,
             (SELECT pg_catalog.count(*) FROM plain),
             ARRAY(SELECT DISTINCT usename FROM plain
                   WHERE usename IS NOT NULL ORDER BY usename LIMIT %d),
             EXISTS (SELECT FROM plain
                     WHERE backend_start > pg_catalog.pg_conf_load_time()
                                           + '1 second'::pg_catalog.interval)"""
          .formatted(MARKER, MAX_ROLES);

  @Override
  public FindingKey<PlainSessions> finding() {
    return PLAIN_SESSIONS;
  }

  @Override
  public boolean isSettled(PlainSessions sessions) {
    return sessions.isSettled();
  }

  @Override
  public Duration refreshInterval() {
    return required ? Duration.ZERO : REFRESH_INTERVAL;
  }

  @Override
  public Optional<PlainSessions> run(Session session) throws SQLException {
    Optional<PlainSessions> last =
        session
            .stillValid(PLAIN_SESSIONS)
            .filter(found -> found.isSettled() && found.isRefused() == required);
    if (last.isPresent()) {
      return last;
    }
    Look look = look(session);
    boolean isEnding = required && look.hasMarker() && look.isProven() && look.count() > 0;
    // A clock that was set back must not make the operator ask again and again for nothing.
    boolean isOfInterest = required || look.hasMarker();
    boolean isIgnored = isEnding && look.isAdmittedSince();
    if (isIgnored) {
      reload(session);
    } else if (isEnding && look.hasFunction()) {
      end(session, look);
    }
    return Optional.of(
        new PlainSessions(
            look.hasMarker() && look.isProven() && !isIgnored,
            rounded(look.count()),
            look.roles(),
            (look.isProven() || !isOfInterest) && !isIgnored && !(isEnding && look.hasFunction())));
  }

  /**
   * What one query shows.
   *
   * @param hasMarker whether this session has the parameter of the rules that require TLS
   * @param isProven whether it has that from the postmaster
   * @param hasFunction whether the start script has created the function that ends sessions
   * @param count number of sessions without TLS
   * @param roles names of their roles
   * @param isAdmittedSince whether one of them has begun after the rules were loaded
   */
  private record Look(
      boolean hasMarker,
      boolean isProven,
      boolean hasFunction,
      int count,
      List<String> roles,
      boolean isAdmittedSince) {}

  private static Look look(Session session) throws SQLException {
    try (Statement statement = session.connection().createStatement();
        ResultSet row = statement.executeQuery(SESSIONS)) {
      row.next();
      return new Look(
          RULES_MARKER.equals(row.getString(1)),
          row.getBoolean(2),
          row.getBoolean(3),
          row.getInt(4),
          Arrays.stream((Object[]) row.getArray(5).getArray())
              .limit(MAX_ROLES)
              .map(role -> Text.truncate(String.valueOf(role), MAX_ROLE_LENGTH))
              .toList(),
          row.getBoolean(6));
    }
  }

  /** Which sessions these are, people see in the status before. */
  private static void end(Session session, Look look) throws SQLException {
    try (Statement statement = session.connection().createStatement()) {
      statement.execute("SELECT pgi.end_plain_sessions()");
    }
    log.info("Ended {} sessions without TLS at {}", look.count(), session.host());
  }

  private static void reload(Session session) throws SQLException {
    if (TlsTask.isReloadSafe(session)) {
      try (Statement statement = session.connection().createStatement()) {
        statement.execute("SELECT pg_catalog.pg_reload_conf()");
      }
      log.info("Reloaded the server at {}, which admits sessions without TLS", session.host());
    }
  }

  private static int rounded(int count) {
    return count <= EXACT ? count : Math.ceilDiv(count, EXACT) * EXACT;
  }
}
