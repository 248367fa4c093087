package dev.postgresinstance.operator.feature.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.reconcile.Statuses;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoginProblemsTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Instant LATER = NOW.plusSeconds(60);
  private static final LoginResult LOGGED_IN = new LoggedIn("17.6", ServerFindings.NONE);
  private static final LoginResult REJECTED =
      new LoginRejected(
          "28P01", "FATAL: password authentication failed for user \"app\"", ServerFindings.NONE);

  private static final String PSQL =
      "kubectl exec -n shop orders-0 -c postgres -- psql -U postgres -c '%s'";
  private static final String RESTART = "postgresinstance.dev/restart=\"$(date)\" --overwrite";

  private final Snapshot served = Snapshots.initialized();

  @Test
  void namesSecretAndQuotesServerWhenPasswordIsRejected() {
    // When
    PostgresInstanceStatus status = Statuses.of(pod(Pods.started(served)), REJECTED, NOW);

    // Then
    assertThat(Statuses.ready(status).getMessage())
        .isEqualTo(
            "The server rejects the password of Secret orders-app: FATAL: password authentication"
                + " failed for user \"app\" (SQLSTATE 28P01). The operator is about to set it.");
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          28000 | role "app" is not permitted to log in                 | LOGIN_REFUSED        | ALTER ROLE "app" LOGIN
          28000 | role "app" does not exist                             | LOGIN_REFUSED        | CREATE ROLE "app" LOGIN
          42501 | permission denied for database "app"                  | LOGIN_REFUSED        | GRANT CONNECT ON DATABASE "app" TO "app"
          55000 | database "app" is not currently accepting connections | LOGIN_REFUSED        | ALTER DATABASE "app" ALLOW_CONNECTIONS true
          55000 | cannot connect to invalid database "app"              | LOGIN_REFUSED        | DROP DATABASE "app"
          53300 | too many connections for role "app"                   | TOO_MANY_CONNECTIONS | ALTER ROLE "app" CONNECTION LIMIT -1
          53300 | too many connections for database "app"               | TOO_MANY_CONNECTIONS | ALTER DATABASE "app" CONNECTION LIMIT -1
          """)
  void namesStatementThatAdmitsTheRoleAgain(
      String sqlState, String message, Reason reason, String statement) {
    // When
    Problem problem =
        LoginProblems.rejected(served.instance(), rejected(sqlState, "FATAL: " + message));

    // Then
    assertThat(problem.reason()).isEqualTo(reason);
    assertThat(problem.message())
        .contains("FATAL: %s (SQLSTATE %s)".formatted(message, sqlState))
        .endsWith(": " + PSQL.formatted(statement))
        .containsOnlyOnce("kubectl");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sorry, too many clients already",
        "remaining connection slots are reserved for roles with the SUPERUSER attribute"
      })
  void removesNoLimitOfTheRoleWhenTheServerIsFull(String message) {
    // When
    Problem problem =
        LoginProblems.rejected(served.instance(), rejected("53300", "FATAL: " + message));

    // Then
    assertThat(problem.message())
        .contains("raise spec.parameters.max_connections", "FROM pg_stat_activity")
        .doesNotContain("LIMIT");
  }

  @Test
  void explainsLimitOfTheOperatorBeforeVersion16() {
    // Given
    Snapshot old = Snapshots.of("version: '15'");

    // When
    Problem problem =
        LoginProblems.rejected(
            old.instance(), rejected("53300", "FATAL: too many connections for role \"app\""));

    // Then
    assertThat(problem.message())
        .contains("the operator limits the role", "spec.parameters.max_connections");
  }

  @Test
  void restoresRulesOfAuthenticationByRestart() {
    // When
    Problem problem =
        LoginProblems.rejected(
            served.instance(), rejected("28000", "FATAL: no pg_hba.conf entry for host \"::1\""));

    // Then
    assertThat(problem.message())
        .endsWith("kubectl annotate -n shop pgi orders " + RESTART)
        .doesNotContain("ALTER ROLE");
  }

  @ParameterizedTest(name = "SQLSTATE {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          28000 | ALTER ROLE "app" LOGIN
          42501 | GRANT CONNECT ON DATABASE "app" TO "app" ; ALTER ROLE "app" RESET ALL ; ALTER DATABASE "app" RESET ALL
          55000 | ALTER DATABASE "app" ALLOW_CONNECTIONS true ; ALTER ROLE "app" RESET ALL
          22023 | ALTER ROLE "app" RESET ALL ; ALTER ROLE "app" IN DATABASE "app" RESET ALL ; ALTER DATABASE "app" RESET ALL
          53300 | ALTER ROLE "app" CONNECTION LIMIT -1 ; ALTER DATABASE "app" CONNECTION LIMIT -1
          """)
  void namesAllRemediesForUnknownCauseEachInLineOfItsOwn(String sqlState, String statements) {
    // When
    Problem problem =
        LoginProblems.rejected(served.instance(), rejected(sqlState, "FATAL: unbekannt"));

    // Then
    assertThat(problem.message().lines())
        .containsAll(Stream.of(statements.split(" ; ")).map(PSQL::formatted).toList());
    assertThat(problem.message()).hasSizeLessThan(1_000);
  }

  @Test
  void asksForConsentBeforeRecreatingDroppedDatabase() {
    // When
    Problem problem = LoginProblems.rejected(served.instance(), rejected("3D000"));

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.DATABASE_MISSING);
    assertThat(problem.message())
        .endsWith(
            "kubectl annotate -n shop pgi orders"
                + " postgresinstance.dev/recreate-database=\"$(date)\" --overwrite");
  }

  @ParameterizedTest
  @CsvSource({
    "28P01, False LoginRefused",
    "3D000, True Proven",
    "42501, True Proven",
    "55000, True Proven",
    "53300, Unknown TooManyConnections",
    "28000, True Proven",
    "57P03, Unknown Recovering"
  })
  void reportsCredentialsInSyncUnlessPasswordIsTheReason(String sqlState, String expected) {
    // When
    PostgresInstanceStatus status = Statuses.of(pod(Pods.started(served)), rejected(sqlState), NOW);

    // Then
    assertThat(credentialsInSync(status)).isEqualTo(expected);
  }

  @Test
  void doesNotReportPasswordAsProvenWhenRulesOfAuthenticationReject() {
    // When
    PostgresInstanceStatus status =
        Statuses.of(
            pod(Pods.started(served)),
            rejected("28000", "FATAL: pg_hba.conf rejects connection for host \"::1\""),
            NOW);

    // Then
    assertThat(credentialsInSync(status)).isEqualTo("Unknown LoginRefused");
  }

  @Test
  void keepsCredentialsInSyncWhenServerRejectsBeforeCheckingThePassword() {
    // Given
    Snapshot snapshot = Statuses.written(pod(Pods.started(served)), LOGGED_IN, NOW);

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, rejected("53300"), LATER);

    // Then
    assertThat(credentialsInSync(status)).isEqualTo("True Proven");
  }

  @Test
  void keepsCredentialsInSyncUntilNextLogin() {
    // Given
    Snapshot published = Statuses.written(withSecrets(true), LOGGED_IN, NOW);

    // When
    PostgresInstanceStatus status = Statuses.of(published, new Pending(), LATER);

    // Then
    assertThat(credentialsInSync(status)).isEqualTo("True Proven");
  }

  @Test
  void doesNotRepeatThatMissingSecretLogsIn() {
    // Given
    Snapshot deleted = Statuses.written(pod(Pods.started(served)), LOGGED_IN, NOW);

    // When
    PostgresInstanceStatus status = Statuses.of(deleted, new Pending(), LATER);

    // Then
    assertThat(credentialsInSync(status)).isEqualTo("Unknown Configuring");
  }

  @Test
  void doesNotRepeatThatPasswordLogsInWhileAnotherIsBeingSet() {
    // Given
    Snapshot rotating = Statuses.written(withSecrets(false), LOGGED_IN, NOW);

    // When
    PostgresInstanceStatus status = Statuses.of(rotating, new Pending(), LATER);

    // Then
    assertThat(credentialsInSync(status)).isEqualTo("Unknown Configuring");
  }

  /** The Secrets of a running server; if not publishable, a new password waits in one of them. */
  private Snapshot withSecrets(boolean publishable) {
    Credentials published = new Credentials("old", true, "operator", "salt");
    Credentials next = new Credentials("new", publishable, "operator", "salt");
    return pod(Pods.started(served))
        .with(AppSecret.desired(served, published, Optional.empty(), NOW))
        .with(OperatorSecret.desired(served, next, Optional.empty(), false));
  }

  private static String credentialsInSync(PostgresInstanceStatus status) {
    return status.conditions().stream()
        .filter(c -> c.getType().equals("CredentialsInSync"))
        .map(c -> c.getStatus() + " " + c.getReason())
        .findFirst()
        .orElseThrow();
  }

  private static LoginRejected rejected(String sqlState) {
    return rejected(sqlState, "FATAL: no");
  }

  private static LoginRejected rejected(String sqlState, String message) {
    return new LoginRejected(sqlState, message, ServerFindings.NONE);
  }

  private Snapshot pod(Pod pod) {
    return Snapshots.with(served, pod);
  }
}
