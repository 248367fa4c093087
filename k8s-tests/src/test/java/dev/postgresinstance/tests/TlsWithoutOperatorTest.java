package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** A broken certificate while no operator runs. Isolated, because it stops the shared operator. */
@Isolated
class TlsWithoutOperatorTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @AfterEach
  void startTheSharedOperator() {
    given.operator().start();
  }

  @Test
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
}
