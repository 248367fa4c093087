package dev.postgresinstance.operator.feature.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.UnencryptedStatus;
import dev.postgresinstance.operator.feature.tls.session.PlainSessions;
import dev.postgresinstance.operator.feature.tls.session.PlainSessionsTask;
import dev.postgresinstance.operator.feature.tls.session.TlsFindings;
import dev.postgresinstance.operator.feature.tls.session.TlsTask;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.reconcile.Statuses;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import dev.postgresinstance.operator.sql.ServerFindings;
import dev.postgresinstance.operator.sql.tls.ServerIdentity;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What spec.tls.required changes, and what the instance reports of it. */
class RequiredTlsTest {

  private static final TlsFeature TLS = new TlsFeature();
  private static final String RULES =
      """
      # The host all
      local  all  postgres       peer
      host   all  all       all  scram-sha-256
      """;

  private static final String PLAIN =
      "FATAL: no pg_hba.conf entry for host \"10.0.0.1\", user \"app\", database \"app\", no encryption";

  private final Snapshot initialized =
      Snapshots.withSpec(Snapshots.initialized(), "{tls: {required: true}}");
  private final Snapshot next = TlsSnapshots.withCertificate(initialized);
  private final Snapshot running = Snapshots.with(next, Pods.started(next));
  private final Snapshot waiting =
      TlsSnapshots.withCertificate(Snapshots.with(initialized, Pods.started(initialized)));
  private final Snapshot optional = Snapshots.withSpec(running, "{}");

  @Test
  void rulesRequireTlsOfRunningAndOfNextServer() {
    for (Snapshot snapshot : List.of(running, next)) {
      assertThat(TlsServerPart.rules(RULES, snapshot))
          .isEqualTo(
              """
              # The host all
              local  all  postgres       peer
              hostssl all  all       all  scram-sha-256
              """);
      assertThat(TlsServerPart.parameters(snapshot))
          .containsEntry("postgres_instance.hba", "tls-required");
      assertThat(TLS.sessionTasks(snapshot)).contains(new PlainSessionsTask(true));
    }
  }

  @Test
  void rulesStayAsTheyAreWithoutTheField() {
    assertThat(TlsServerPart.rules(RULES, optional)).isEqualTo(RULES);
    assertThat(TlsServerPart.parameters(optional)).doesNotContainKey("postgres_instance.hba");
    assertThat(TLS.sessionTasks(optional)).contains(new PlainSessionsTask(false));
  }

  @Test
  void serverThatWasStartedWithoutCertificateWaitsForItsRestart() {
    // When
    PostgresInstanceStatus status =
        Statuses.assessed(TLS, waiting, new LoggedIn("17.6", ServerFindings.NONE));

    // Then
    assertThat(TlsServerPart.rules(RULES, waiting)).isEqualTo(RULES);
    assertThat(TlsServerPart.parameters(waiting)).isEmpty();
    assertThat(message(status, ConditionType.CERTIFICATE_READY))
        .contains("after its next restart", "spec.tls.required is true");
    assertThat(Statuses.isTrue(status, ConditionType.READY)).isTrue();
    assertThat(status.tls().required()).isNull();
  }

  @Test
  void reportsSessionsWithoutTls() {
    // When
    PostgresInstanceStatus status =
        Statuses.assessed(
            TLS,
            optional,
            loggedIn(new PlainSessions(false, 3, List.of("app", "dashboard"), true)));

    // Then
    assertThat(status.tls().required()).isFalse();
    assertThat(status.tls().unencrypted())
        .isEqualTo(new UnencryptedStatus(3, List.of("app", "dashboard")));
    assertThat(Statuses.isTrue(status, ConditionType.READY)).isTrue();
  }

  @Test
  void isReadyOnceNoSessionIsWithoutTls() {
    // When
    PostgresInstanceStatus ending =
        Statuses.assessed(
            TLS, running, loggedIn(new PlainSessions(true, 1, List.of("app"), false)));
    PostgresInstanceStatus ended =
        Statuses.assessed(TLS, running, loggedIn(new PlainSessions(true, 0, List.of(), true)));

    // Then
    assertThat(Statuses.ready(ending).getReason()).isEqualTo("Configuring");
    assertThat(Statuses.isTrue(ending, ConditionType.AVAILABLE)).isTrue();
    assertThat(Statuses.isTrue(ended, ConditionType.READY)).isTrue();
    assertThat(ended.tls().required()).isTrue();
    assertThat(ended.tls().unencrypted()).isNull();
  }

  @Test
  void operatorUsesOnlyTlsOnceServerIsKnownToRequireIt() {
    // Given
    LoginResult proof = loggedIn(new PlainSessions(true, 0, List.of(), true));
    Snapshot proven = Snapshots.withStatus(running, Statuses.assessed(TLS, running, proof));
    Snapshot restarted =
        Snapshots.withStatus(proven, Statuses.assessed(TLS, proven, new LoginResult.Pending()));

    // Then
    assertThat(RequiredTls.isProven(running)).isFalse();
    assertThat(RequiredTls.isProven(proven)).isTrue();
    assertThat(RequiredTls.isProven(restarted)).as("while no login succeeds").isTrue();
    assertThat(RequiredTls.isProven(Snapshots.withSpec(proven, "{}"))).isFalse();
  }

  static Stream<LoginResult> failures() {
    return Stream.of(
        new Unreachable("The server offers no TLS."),
        new LoginRejected("28000", PLAIN, ServerFindings.NONE.lockedOut(PLAIN)));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void saysWhyNobodyCanConnectAndHowToRestart(LoginResult failure) {
    // When
    PostgresInstanceStatus status = Statuses.assessed(TLS, running, failure);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("CertificateNotServed");
    assertThat(Statuses.ready(status).getMessage())
        .startsWith("The server offers no TLS, and spec.tls.required refuses all other")
        .contains("kubectl logs -n shop orders-0")
        .contains("kubectl annotate -n shop pgi orders postgresinstance.dev/restart=")
        .doesNotContain("pgi_operator");
    assertThat(Statuses.isTrue(status, ConditionType.AVAILABLE)).isFalse();
    assertThat(message(status, ConditionType.CERTIFICATE_READY))
        .isEqualTo(message(status, ConditionType.AVAILABLE));
  }

  @Test
  void otherRulesThatRefuseTheLoginHaveAnotherCause() {
    // When
    PostgresInstanceStatus status =
        Statuses.assessed(
            TLS, optional, new LoginRejected("28000", PLAIN, ServerFindings.NONE.lockedOut(PLAIN)));

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("OperatorLockedOut");
    assertThat(message(status, ConditionType.AVAILABLE)).contains("rules of authentication");
  }

  private LoginResult loggedIn(PlainSessions sessions) {
    String fingerprint = ServerCertificate.of(running).orElseThrow().fingerprint();
    return new LoggedIn(
        "17.6",
        ServerFindings.NONE
            .with(
                TlsTask.TLS,
                new TlsFindings(
                    Optional.of(ServerIdentity.trusted(fingerprint, Optional.empty())),
                    fingerprint,
                    false,
                    Optional.empty(),
                    Optional.empty()))
            .with(PlainSessionsTask.PLAIN_SESSIONS, sessions));
  }

  private static String message(PostgresInstanceStatus status, ConditionType type) {
    return status.condition(type).orElseThrow().getMessage();
  }
}
