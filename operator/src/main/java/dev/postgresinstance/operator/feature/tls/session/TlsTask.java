package dev.postgresinstance.operator.feature.tls.session;

import dev.postgresinstance.operator.sql.FileSettings;
import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionTask;
import dev.postgresinstance.operator.sql.tls.ServerIdentity;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the certificate that the server presents with the one that it should present, and has
 * the server load that. PostgreSQL reports no error if it could not: only its next connection shows
 * what is in force.
 *
 * @param expected SHA-256 fingerprint of the certificate
 * @param mayReload whether the task may have the server load it; it only compares while
 *     reconciliation is paused
 */
public record TlsTask(String expected, boolean mayReload) implements SessionTask<TlsFindings> {

  private static final Logger log = LoggerFactory.getLogger(TlsTask.class);

  /** What was found. */
  public static final FindingKey<TlsFindings> TLS = FindingKey.of(TlsFindings.class);

  /** The kubelet needs a moment to refresh the file, and each reload is a line in the log. */
  private static final Duration BETWEEN_RELOADS = Duration.ofSeconds(2);

  /** How long after each attempt the server reloads again and again. */
  private static final Duration FOR_KUBELET = Duration.ofSeconds(5);

  /**
   * Whether a reload would load nothing but the certificate. Otherwise it waits: it is not this
   * task that decides about a new configuration. A parameter that waits for a restart has an error,
   * too, but a reload leaves it as it is. As in {@code SettingsTask}, PostgreSQL has to read the
   * file before {@code pending_restart}: it evaluates the array with the first row of the file.
   */
  private static final String IS_SAFE =
      """
      SELECT NOT EXISTS (
               SELECT FROM pg_catalog.pg_file_settings
               WHERE error IS NOT NULL
                 AND CASE
                       WHEN name IS NULL THEN pg_catalog.strpos(error, '%s') = 0
                       ELSE pg_catalog.lower(name) <> ALL (ARRAY(
                         SELECT pg_catalog.lower(name) FROM pg_catalog.pg_settings
                         WHERE pending_restart))
                     END)
         AND pg_catalog.current_setting('postgres_instance.configuration', true)
             = (SELECT setting FROM pg_catalog.pg_file_settings
                WHERE name = 'postgres_instance.configuration' ORDER BY seqno DESC LIMIT 1)"""
          .formatted(FileSettings.NEEDS_RESTART);

  private static final String IS_FORCED_OFF =
      "SELECT setting = 'off' AND source = 'command line' FROM pg_catalog.pg_settings"
          + " WHERE name = 'ssl'";

  @Override
  public FindingKey<TlsFindings> finding() {
    return TLS;
  }

  @Override
  public boolean isSettled(TlsFindings findings) {
    return findings.isServing() || findings.isForcedOff() || !mayReload;
  }

  /** Only a reload makes the server present another certificate. */
  @Override
  public boolean runsWithoutProof() {
    return true;
  }

  @Override
  public Optional<TlsFindings> run(Session session) throws SQLException {
    Instant now = Instant.now();
    Optional<ServerIdentity> identity = session.identity();
    TlsFindings known =
        new TlsFindings(
            identity,
            expected,
            identity.isEmpty() && isTrue(IS_FORCED_OFF, session),
            Optional.empty(),
            Optional.empty());
    if (isSettled(known)) {
      return Optional.of(known);
    }
    Optional<TlsFindings> previous =
        session.previous().get(TLS).filter(last -> last.expected().equals(expected));
    TlsFindings findings =
        known.differing(
            previous.flatMap(TlsFindings::differsSince).orElse(now),
            previous.flatMap(TlsFindings::reloadedAt));
    if (!isTime(findings, now) || !isReloadSafe(session)) {
      return Optional.of(findings);
    }
    try (Statement statement = session.connection().createStatement()) {
      statement.execute("SELECT pg_catalog.pg_reload_conf()");
    }
    log.info("Reloaded the server at {} to load its certificate", session.host());
    return Optional.of(findings.differing(findings.differsSince().orElse(now), Optional.of(now)));
  }

  /** Before and after the kubelet has had time to refresh the file. */
  private static boolean isTime(TlsFindings findings, Instant now) {
    Instant lastUseful = findings.lastAttempt(now).plus(FOR_KUBELET);
    return findings
        .reloadedAt()
        .filter(at -> at.plus(BETWEEN_RELOADS).isAfter(now) || !at.isBefore(lastUseful))
        .isEmpty();
  }

  /** Whether a reload would put no other configuration in force. */
  static boolean isReloadSafe(Session session) throws SQLException {
    return isTrue(IS_SAFE, session);
  }

  private static boolean isTrue(String query, Session session) throws SQLException {
    try (Statement statement = session.connection().createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() && row.getBoolean(1);
    }
  }
}
