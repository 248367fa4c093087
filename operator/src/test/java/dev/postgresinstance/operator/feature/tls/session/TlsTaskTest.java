package dev.postgresinstance.operator.feature.tls.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.sql.ServerFindings;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.Sessions;
import dev.postgresinstance.operator.sql.tls.ServerIdentity;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the operator has a server reload its certificate. */
class TlsTaskTest {

  private static final TlsTask TASK = new TlsTask("new", true);

  private final List<String> statements = new ArrayList<>();
  private boolean forcedOff;
  private boolean safe = true;

  @Test
  void doesNothingWhileServerPresentsExpectedCertificate() throws SQLException {
    // When
    TlsFindings findings = run(Optional.of("new"), Optional.of(Instant.now()));

    // Then
    assertThat(statements).isEmpty();
    assertThat(findings.isServing()).isTrue();
    assertThat(findings.reloadedAt()).isEmpty();
    assertThat(TASK.isSettled(findings)).isTrue();
  }

  @Test
  void reloadsServerThatPresentsAnotherCertificate() throws SQLException {
    // When
    TlsFindings findings = run(Optional.of("old"), Optional.empty());

    // Then
    assertThat(statements).endsWith("SELECT pg_catalog.pg_reload_conf()");
    assertThat(findings.reloadedAt()).isPresent();
    assertThat(TASK.isSettled(findings)).isFalse();
  }

  @Test
  void waitsBetweenReloads() throws SQLException {
    // When
    run(Optional.of("old"), Optional.of(Instant.now()));

    // Then
    assertThat(statements).isEmpty();

    // When
    run(Optional.of("old"), Optional.of(Instant.now().minus(Duration.ofSeconds(3))));

    // Then
    assertThat(statements).endsWith("SELECT pg_catalog.pg_reload_conf()");
  }

  /** After 0, 5, 10, 20, 40 and 80 s, and then each minute; twice, before and after the kubelet. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, false",
    "3, 3, true",
    "14, 3, true",
    "24, 3, true",
    "35, 6, false",
    "41, 15, true",
    "75, 26, false",
    "135, 46, false",
    "141, 50, true",
    "146, 5, true",
    "230, 20, false",
    "261, 50, true",
    "99999, 3, false",
  })
  void waitsLongerTheLongerServerPresentsAnotherCertificate(
      int secondsSinceFirst, int secondsSinceLast, boolean reloads) throws SQLException {
    // Given
    Instant now = Instant.now();
    Instant first = now.minusSeconds(secondsSinceFirst);
    Optional<Instant> last = Optional.of(now.minusSeconds(secondsSinceLast));

    // When
    TlsFindings findings =
        run(
            TASK,
            Optional.of("old"),
            new TlsFindings(Optional.empty(), "new", false, last, Optional.of(first)));

    // Then
    assertThat(statements.contains("SELECT pg_catalog.pg_reload_conf()")).isEqualTo(reloads);
    assertThat(findings.differsSince()).contains(first);
  }

  @Test
  void nextCertificateDoesNotWait() throws SQLException {
    // Given
    Instant before = Instant.now();
    Optional<Instant> last = Optional.of(before.minusSeconds(6));
    Optional<Instant> first = Optional.of(before.minusSeconds(50));

    // When
    TlsFindings findings =
        run(
            TASK,
            Optional.of("old"),
            new TlsFindings(Optional.empty(), "former", false, last, first));

    // Then
    assertThat(statements).endsWith("SELECT pg_catalog.pg_reload_conf()");
    assertThat(findings.differsSince().orElseThrow()).isAfterOrEqualTo(before);
  }

  @Test
  void doesNotLoadConfigurationThatIsNotInForce() throws SQLException {
    // Given
    safe = false;

    // When
    TlsFindings findings = run(Optional.of("old"), Optional.empty());

    // Then
    assertThat(statements).noneMatch(statement -> statement.contains("reload"));
    assertThat(TASK.isSettled(findings)).isFalse();
  }

  @Test
  void reloadsServerThatDoesNotOfferTlsYet() throws SQLException {
    // When
    TlsFindings findings = run(Optional.empty(), Optional.empty());

    // Then
    assertThat(statements).endsWith("SELECT pg_catalog.pg_reload_conf()");
    assertThat(findings.isForcedOff()).isFalse();
  }

  @Test
  void leavesServerThatWasStartedWithoutTls() throws SQLException {
    // Given
    forcedOff = true;

    // When
    TlsFindings findings = run(Optional.empty(), Optional.empty());

    // Then: no reload would help
    assertThat(statements).noneMatch(statement -> statement.contains("reload"));
    assertThat(findings.isForcedOff()).isTrue();
    assertThat(TASK.isSettled(findings)).isTrue();
  }

  @Test
  void onlyComparesWhileReconciliationIsPaused() throws SQLException {
    // Given
    TlsTask paused = new TlsTask("new", false);

    // When
    TlsFindings findings = run(paused, Optional.of("old"), Optional.empty());

    // Then
    assertThat(statements).isEmpty();
    assertThat(findings.isServing()).isFalse();
    assertThat(paused.isSettled(findings)).isTrue();
  }

  private TlsFindings run(Optional<String> presented, Optional<Instant> reloadedAt)
      throws SQLException {
    return run(TASK, presented, reloadedAt);
  }

  private TlsFindings run(TlsTask task, Optional<String> presented, Optional<Instant> reloadedAt)
      throws SQLException {
    return run(
        task, presented, new TlsFindings(Optional.empty(), "new", false, reloadedAt, reloadedAt));
  }

  private TlsFindings run(TlsTask task, Optional<String> presented, TlsFindings before)
      throws SQLException {
    Session session =
        Sessions.of(
            Sessions.proxy(Connection.class, (self, method, arguments) -> statement()),
            presented.map(fingerprint -> ServerIdentity.trusted(fingerprint, Optional.empty())),
            ServerFindings.NONE.with(TlsTask.TLS, before));
    return task.run(session).orElseThrow();
  }

  private Statement statement() {
    return Sessions.proxy(
        Statement.class,
        (self, method, arguments) ->
            switch (method.getName()) {
              case "execute" -> statements.add((String) arguments[0]);
              case "executeQuery" -> {
                statements.add((String) arguments[0]);
                boolean isSafety = ((String) arguments[0]).contains("pg_file_settings");
                yield Sessions.proxy(
                    ResultSet.class,
                    (row, get, column) ->
                        "getBoolean".equals(get.getName()) ? (isSafety ? safe : forcedOff) : true);
              }
              default -> null;
            });
  }
}
