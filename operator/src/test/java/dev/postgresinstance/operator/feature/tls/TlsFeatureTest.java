package dev.postgresinstance.operator.feature.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.AuthorityRotationStep;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.tls.session.PlainSessions;
import dev.postgresinstance.operator.feature.tls.session.PlainSessionsTask;
import dev.postgresinstance.operator.feature.tls.session.TlsFindings;
import dev.postgresinstance.operator.feature.tls.session.TlsTask;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.reconcile.Statuses;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.ServerFindings;
import dev.postgresinstance.operator.sql.tls.ServerIdentity;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the instance reports of its certificate, in each state of the server. */
class TlsFeatureTest {

  private static final TlsFeature TLS = new TlsFeature();
  private static final Instant NOW = Pods.NOW;

  private final Snapshot before =
      Snapshots.with(Snapshots.initialized(), Pods.started(Snapshots.initialized()));
  private final Snapshot waiting = TlsSnapshots.withCertificate(before);
  private final Snapshot issued = TlsSnapshots.withCertificate(Snapshots.initialized());
  private final Snapshot served = Snapshots.with(issued, Pods.started(issued));
  private final String fingerprint = ServerCertificate.of(served).orElseThrow().fingerprint();

  @Test
  void reportsCertificateThatIsServed() {
    // When
    PostgresInstanceStatus status =
        Statuses.assessed(TLS, served, presenting(fingerprint, Optional.empty()));

    // Then
    assertThat(condition(status).getStatus()).isEqualTo("True");
    assertThat(condition(status).getReason()).isEqualTo("CertificateServed");
    assertThat(Statuses.isTrue(status, ConditionType.READY)).isTrue();
    assertThat(status.tls().serving()).isTrue();
    assertThat(status.tls().names()).contains("orders.shop.svc", "localhost");
    assertThat(status.tls().issuer()).isEqualTo("CN=shop/orders-ca");
    assertThat(status.tls().notAfter()).isEqualTo("2026-04-01T00:01:00Z");
  }

  @Test
  void serverThatWasStartedWithoutCertificateWaitsForItsRestart() {
    // When
    PostgresInstanceStatus status =
        Statuses.assessed(TLS, waiting, new LoggedIn("17.6", ServerFindings.NONE));

    // Then
    assertThat(condition(status).getStatus()).isEqualTo("False");
    assertThat(condition(status).getReason()).isEqualTo("RestartRequired");
    assertThat(condition(status).getMessage())
        .isEqualTo(
            "The server was started without a certificate. It offers TLS after its next restart.");
    assertThat(Statuses.isTrue(status, ConditionType.READY)).isTrue();
    assertThat(TLS.sessionTasks(waiting)).isEmpty();
    assertThat(PublishedTls.trusted(waiting)).isEmpty();
    assertThat(TlsServerPart.parameters(waiting)).isEmpty();
  }

  @Test
  void nextServerOffersTls() {
    assertThat(TlsServerPart.parameters(issued))
        .containsEntry("ssl", "on")
        .containsEntry("ssl_min_protocol_version", "TLSv1.2");
    assertThat(PublishedTls.trusted(issued)).isPresent();
    assertThat(TLS.sessionTasks(served))
        .containsExactly(new TlsTask(fingerprint, true), new PlainSessionsTask(false));
  }

  @Test
  void formerCertificateThatIsStillGoodIsNoProblem() {
    // When
    PostgresInstanceStatus status =
        Statuses.assessed(TLS, served, presenting("00", Optional.empty()));

    // Then
    assertThat(condition(status).getStatus()).isEqualTo("True");
    assertThat(condition(status).getMessage())
        .contains("load the certificate of Secret orders-tls");
    assertThat(status.tls().serving()).isFalse();
    assertThat(Statuses.isTrue(status, ConditionType.READY)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"has expired", "does not contain the name orders.shop.svc"})
  void certificateThatClientsRejectMakesInstanceNotReady(String fault) {
    // When
    PostgresInstanceStatus status =
        Statuses.assessed(TLS, served, presenting("00", Optional.of(fault)));

    // Then
    assertThat(condition(status).getReason()).isEqualTo("CertificateNotServed");
    assertThat(condition(status).getMessage())
        .startsWith("The certificate that the server presents " + fault);
    assertThat(Statuses.ready(status).getReason()).isEqualTo("CertificateNotServed");
    assertThat(Statuses.isTrue(status, ConditionType.AVAILABLE)).isTrue();
  }

  @Test
  void comparesCertificateAlsoWhilePaused() {
    // Given
    Snapshot paused = Snapshots.withSpec(served, "paused: true");

    // When: no reconciliation assesses what the login has found
    PostgresInstanceStatus good = Statuses.of(paused, presenting("00", Optional.empty()), NOW);
    PostgresInstanceStatus bad =
        Statuses.of(paused, presenting("00", Optional.of("has expired")), NOW);

    // Then
    assertThat(TLS.sessionTasks(paused))
        .containsExactly(new TlsTask(fingerprint, false), new PlainSessionsTask(false));
    assertThat(good.tls().serving()).isFalse();
    assertThat(condition(good).getStatus()).isEqualTo("True");
    assertThat(condition(good).getMessage())
        .isEqualTo(
            "The server loads the certificate of Secret orders-tls when spec.paused is false.");
    assertThat(condition(bad).getReason()).isEqualTo("CertificateNotServed");
    assertThat(condition(bad).getMessage()).contains("has expired", "spec.paused");
    assertThat(Statuses.isTrue(bad, ConditionType.READY)).isTrue();
  }

  @Test
  void serverThatWasStartedWithoutTlsNeedsRestart() {
    // Given
    TlsFindings off =
        new TlsFindings(Optional.empty(), fingerprint, true, Optional.empty(), Optional.empty());

    // When
    PostgresInstanceStatus status = Statuses.assessed(TLS, served, loggedIn(off));

    // Then
    assertThat(condition(status).getMessage())
        .contains("PostgreSQL rejected the certificate", "kubectl annotate", "-n shop");
  }

  @Test
  void operatorThatHasJustStartedKeepsWhatTheStatusSays() {
    // Given
    LoginResult login =
        new LoggedIn(
            "17.6",
            presenting(fingerprint, Optional.empty())
                .findings()
                .with(
                    PlainSessionsTask.PLAIN_SESSIONS,
                    new PlainSessions(false, 2, List.of("app"), true)));
    PostgresInstanceStatus known = Statuses.assessed(TLS, served, login);

    // When
    PostgresInstanceStatus pending =
        Statuses.assessed(TLS, Snapshots.withStatus(served, known), new LoginResult.Pending());

    // Then
    assertThat(pending.tls()).isEqualTo(known.tls());
    assertThat(pending.tls().serving()).isTrue();
    assertThat(pending.tls().unencrypted().sessions()).isEqualTo(2);
    assertThat(condition(pending)).isEqualTo(condition(known));
  }

  @Test
  void unknownWhileNoLoginIsPossible() {
    // When
    PostgresInstanceStatus status = Statuses.assessed(TLS, issued, new LoginResult.Pending());

    // Then
    assertThat(condition(status).getStatus()).isEqualTo("Unknown");
    assertThat(status.tls().serving()).isNull();
  }

  @Test
  void kubeletRefreshesSecretUntilItIsServed() {
    // When
    ReconcileInput other = ReconcileInputs.of(served, presenting("00", Optional.empty()));
    ReconcileInput same = ReconcileInputs.of(served, presenting(fingerprint, Optional.empty()));

    // Then
    assertThat(TLS.podAnnotations(other)).containsOnlyKeys(Labels.CERTIFICATE);
    assertThat(TLS.podAnnotations(same)).isEmpty();
  }

  @Test
  void kubeletThatDoesNotRefreshSecretIsAskedLessAndLessOften() {
    // When
    long atFirst = requestsToKubelet(15);
    long later = requestsToKubelet(600);

    // Then: after 0, 5, 10, 20, 40 and 80 s, and then each minute
    assertThat(atFirst).isEqualTo(3);
    assertThat(later).isEqualTo(14);
  }

  /** The number of values that the annotation has in these seconds. */
  private long requestsToKubelet(int seconds) {
    LoginResult login = presenting("00", Optional.empty());
    return IntStream.range(0, seconds)
        .mapToObj(second -> ReconcileInputs.at(NOW.plusSeconds(second), served, login))
        .map(new TlsFeature()::podAnnotations)
        .distinct()
        .count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"orders-ca", "orders-tls"})
  void secretOfSomebodyElseIsNotTouchedAndKeepsInstanceReady(String name) {
    // Given
    Secret foreign =
        new SecretBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace("shop")
            .endMetadata()
            .build();
    Snapshot snapshot = before.with(foreign);

    // When
    PostgresInstanceStatus status =
        Statuses.assessed(TLS, snapshot, new LoggedIn("17.6", ServerFindings.NONE));

    // Then
    for (WritePhase phase : WritePhase.values()) {
      assertThat(TLS.children(phase, ReconcileInputs.of(snapshot))).isEmpty();
    }
    assertThat(condition(status).getReason()).isEqualTo("Conflict");
    assertThat(condition(status).getMessage()).contains("Secret " + name);
    assertThat(Statuses.isTrue(status, ConditionType.READY)).isTrue();
    assertThat(TlsServerPart.volumes(snapshot.with(foreign))).isEmpty();
  }

  @Test
  void unusableCertificateOfUserIsToldAndInstanceStaysReadyWhileFormerOneIsAccepted() {
    // Given
    Snapshot named = Snapshots.withSpec(served, "tls: {secretName: orders-cert}");

    // When
    PostgresInstanceStatus status =
        Statuses.assessed(TLS, named, presenting(fingerprint, Optional.empty()));
    PostgresInstanceStatus rejected =
        Statuses.assessed(TLS, named, presenting(fingerprint, Optional.of("has expired")));

    // Then
    assertThat(condition(status).getReason()).isEqualTo("TlsSecretInvalid");
    assertThat(condition(status).getMessage())
        .isEqualTo(
            "Secret orders-cert, which spec.tls.secretName names, does not exist. The server keeps the certificate of Secret orders-tls.");
    assertThat(Statuses.isTrue(status, ConditionType.READY)).isTrue();
    assertThat(condition(rejected).getMessage())
        .endsWith("The certificate that the server presents has expired.");
    assertThat(Statuses.ready(rejected).getReason()).isEqualTo("TlsSecretInvalid");
  }

  @Test
  void rotationOfAuthorityIsReported() {
    // Given
    Snapshot requested = Snapshots.withAnnotation(served, AuthorityRotation.ROTATE_CA, "1,12h");

    // When
    PostgresInstanceStatus status =
        Statuses.assessed(
            TLS,
            TlsSnapshots.reconciled(requested, NOW),
            presenting(fingerprint, Optional.empty()));

    // Then
    assertThat(status.tls().authority().rotation())
        .isEqualTo(AuthorityRotationStep.NEW_AUTHORITY_PUBLISHED);
    assertThat(status.tls().authority().nextStepAt())
        .isEqualTo(NOW.plus(Duration.ofHours(12)).toString());
    assertThat(condition(status).getMessage())
        .endsWith(
            "ca.crt contains a new authority, which signs the certificate from %s on."
                .formatted(NOW.plus(Duration.ofHours(12))));
  }

  @Test
  void requestForRotationThatIsNotUnderstoodIsReported() {
    // When
    PostgresInstanceStatus status =
        Statuses.assessed(
            TLS,
            Snapshots.withAnnotation(served, AuthorityRotation.ROTATE_CA, "1,soon"),
            presenting(fingerprint, Optional.empty()));

    // Then
    assertThat(condition(status).getStatus()).isEqualTo("True");
    assertThat(condition(status).getMessage())
        .contains("The annotation postgresinstance.dev/rotate-ca is ignored");
    assertThat(status.tls().authority().rotation()).isNull();
  }

  private LoginResult presenting(String presented, Optional<String> fault) {
    return loggedIn(
        new TlsFindings(
            Optional.of(ServerIdentity.trusted(presented, fault)),
            fingerprint,
            false,
            Optional.empty(),
            Optional.of(NOW)));
  }

  private static LoginResult loggedIn(TlsFindings findings) {
    return new LoggedIn("17.6", ServerFindings.NONE.with(TlsTask.TLS, findings));
  }

  private static Condition condition(PostgresInstanceStatus status) {
    return status.condition(ConditionType.CERTIFICATE_READY).orElseThrow();
  }
}
