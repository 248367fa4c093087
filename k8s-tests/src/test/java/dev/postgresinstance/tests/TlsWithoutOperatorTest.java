package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Authority;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Verification;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** A broken certificate while no operator runs. Isolated, because it stops the shared operator. */
@Isolated
class TlsWithoutOperatorTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @AfterEach
  void restartTheSharedOperator() {
    given.operator().stop(); // or a second one would run beside it
    given.operator().start();
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.CERTIFICATE_NOT_SERVED)
  void serverStartsWithoutTlsAndOperatorSaysWhy() throws SQLException {
    // Given: a key that does not belong to the certificate
    Instance vault = given.instance("vault").running();
    Instance other = given.instance("other").running();
    Pod before = vault.pod();
    given.operator().stop();
    Cluster.edit(
        vault.tlsSecret(),
        secret -> secret.getData().put("tls.key", other.tlsSecret().getData().get("tls.key")));

    // When
    Cluster.killPod(vault);

    // Then
    Eventually.instance(vault).hasPodOtherThan(before);
    Eventually.that("the server accepts clients", () -> Client.connect(vault).close());

    // When
    given.operator().start();

    // Then
    assertThat(
            Eventually.instance(vault)
                .conditionMessage(ConditionType.CERTIFICATE_READY, Reason.CERTIFICATE_NOT_SERVED))
        .contains("PostgreSQL rejected the certificate", "kubectl annotate");
    Client.connect(vault).close();

    // When
    vault.annotate("postgresinstance.dev/restart", "now");

    // Then
    Eventually.instance(vault)
        .hasCondition(ConditionType.CERTIFICATE_READY, Reason.CERTIFICATE_SERVED)
        .isReady();
  }

  @Test
  @Tag("long")
  void serverThatRequiresTlsAdmitsNobodyWithoutItAndOperatorSaysWhy() {
    // Given
    Instance safe = given.instance("safe").tls("required", true).running();
    Instance other = given.instance("another").running();
    Pod before = safe.pod();
    given.operator().stop();
    Cluster.edit(
        safe.tlsSecret(),
        secret -> secret.getData().put("tls.key", other.tlsSecret().getData().get("tls.key")));
    Cluster.killPod(safe);
    Eventually.instance(safe).hasPodOtherThan(before);
    Eventually.that(
        "the server runs without TLS",
        () -> assertThat(Cluster.psql(safe, "SHOW ssl")).isEqualTo("off"));
    assertThatThrownBy(() -> Client.connect(safe)).hasMessageContaining("no encryption");

    // When
    given.operator().start();

    // Then
    String message = Eventually.instance(safe).isNotReady(Reason.CERTIFICATE_NOT_SERVED);
    assertThat(message)
        .startsWith("The server offers no TLS, and spec.tls.required refuses")
        .contains("kubectl annotate -n " + safe.namespace());

    // When
    safe.annotate("postgresinstance.dev/restart", "now");

    // Then
    Eventually.instance(safe)
        .hasCondition(ConditionType.CERTIFICATE_READY, Reason.CERTIFICATE_SERVED)
        .isReady();
    assertThatThrownBy(() -> Client.connect(safe)).hasMessageContaining("no encryption");
  }

  @Test
  void certificateThatExpiredMeanwhileIsReplacedWhenOperatorReturns() throws Exception {
    // Given: PostgreSQL starts with an expired certificate
    Instance aged = given.instance("aged").running();
    Pod before = aged.pod();
    Map<String, String> expired =
        new Authority(aged.namespace() + "/aged-ca", aged.caSecret())
            .issue("EC", Instant.now().minus(Duration.ofDays(90)), List.of("localhost"));
    given.operator().stop();
    Cluster.edit(aged.tlsSecret(), secret -> secret.setData(Instance.encoded(expired)));
    Cluster.killPod(aged);
    Eventually.instance(aged).hasPodOtherThan(before);
    Eventually.that("the server accepts clients", () -> Client.connect(aged).close());
    Pod restarted = aged.pod();
    String uri = Verification.url(aged);
    assertThatThrownBy(() -> Client.connect(uri)).hasStackTraceContaining("expired");

    // When
    given.operator().start();

    // Then
    Eventually.that("a client verifies the server", () -> Client.connect(uri).close());
    Eventually.instance(aged).isReady();
    aged.assertHas(restarted);
  }
}
