package dev.postgresinstance.operator.feature.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
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
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoginProblemsTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Instant LATER = NOW.plusSeconds(60);
  private static final LoginResult LOGGED_IN = new LoggedIn("17.6", ServerFindings.NONE);
  private static final LoginResult REJECTED =
      new LoginRejected(
          "28P01", "FATAL: password authentication failed for user \"app\"", ServerFindings.NONE);

  private final Snapshot served = Snapshots.withPublishedPassword(Snapshots.initialized());

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

  @Test
  void promisesPasswordOfMissingSecretOnlyForItsCreation() {
    // When
    PostgresInstanceStatus status =
        Statuses.of(Snapshots.with(Snapshots.initialized(), Pods.started(served)), REJECTED, NOW);

    // Then
    assertThat(Statuses.ready(status).getMessage())
        .startsWith("The server rejects the password of Secret orders-app: FATAL")
        .endsWith("the operator sets its password as soon as the API server accepts it.");
  }

  @Test
  void givesCommandForBothRolesWhenDumpHasSetTheirPasswords() {
    // Given
    LoginResult both =
        new LoginRejected(
            "28P01",
            "FATAL: password authentication failed for user \"app\"",
            ServerFindings.NONE.lockedOut(
                "FATAL: password authentication failed for user \"pgi_operator\""));
    String setRoles =
        "kubectl exec -n shop orders-0 -c postgres -- bash /etc/postgres-instance/set-roles.sh";

    // When
    PostgresInstanceStatus status = Statuses.of(pod(Pods.started(served)), both, NOW);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("OperatorLockedOut");
    assertThat(Statuses.ready(status).getMessage())
        .contains(
            setRoles
                + "\nkubectl annotate -n shop pgi orders postgresinstance.dev/restart=\"$(date)\" --overwrite")
        .doesNotContain("about to set");
    for (ConditionType type : List.of(ConditionType.AVAILABLE, ConditionType.CREDENTIALS_IN_SYNC)) {
      assertThat(status.condition(type).orElseThrow().getMessage())
          .endsWith(
              "The operator cannot set it, because the server does not let the operator's own role work either. To set both: "
                  + setRoles);
    }
  }

  @Test
  void promisesNoPasswordWhilePaused() {
    // Given
    Snapshot paused = Snapshots.withSpec(pod(Pods.started(served)), "paused: true");

    // When
    PostgresInstanceStatus status = Statuses.of(paused, REJECTED, NOW);

    // Then
    assertThat(status.condition(ConditionType.AVAILABLE).orElseThrow().getMessage())
        .endsWith("The operator sets it when reconciliation is no longer paused.");
  }

  @Test
  void asksForConsentBeforeRecreatingDroppedDatabase() {
    // When
    Problem problem = LoginProblems.rejected(served, rejected("3D000"));

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
    Snapshot published = Snapshots.withPublishedPassword(pod(Pods.started(served)));
    Snapshot snapshot = Statuses.written(published, LOGGED_IN, NOW);

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
    Snapshot deleted =
        Statuses.written(
            Snapshots.with(Snapshots.initialized(), Pods.started(served)), LOGGED_IN, NOW);

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
