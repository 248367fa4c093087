package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.CertManager;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Page;
import dev.postgresinstance.tests.support.Shell;
import dev.postgresinstance.tests.support.Verification;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The example of the documentation, with cert-manager itself. */
@Tag("cert-manager")
class CertManagerTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final Page OPERATIONS = new Page(Path.of("../docs/operations.md"));

  private static CertManager certManager;

  @BeforeAll
  static void startCertManager() {
    certManager = new CertManager(given.namespace());
    apply(
        """
        apiVersion: cert-manager.io/v1
        kind: Issuer
        metadata: {name: itself, namespace: shop}
        spec: {selfSigned: {}}
        ---
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: corporate, namespace: shop}
        spec:
          isCA: true
          commonName: corporate
          secretName: corporate
          privateKey: {algorithm: ECDSA}
          issuerRef: {name: itself}
        ---
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: corporate}
        spec: {ca: {secretName: corporate}}
        """);
  }

  @AfterAll
  static void endCertManager() {
    certManager.close();
  }

  @Test
  void certificateOfCertManagerIsServedAndRenewedWithoutRestart() {
    // Given
    Instance orders = given.existing("orders");

    // When
    apply(OPERATIONS.code("yaml", "cert-manager.io").getFirst());

    // Then
    Eventually.instance(orders).isReady();
    Eventually.that(
        "the server presents the certificate of cert-manager",
        () -> {
          assertThat(orders.tls().issuer()).isEqualTo("CN=corporate");
          assertThat(orders.tls().serving()).isTrue();
        });
    Eventually.instance(orders)
        .hasCondition(ConditionType.CERTIFICATE_READY, Reason.CERTIFICATE_SERVED);
    String uri = orders.credentials().get("tls-uri");
    assertThat(Verification.psqlInPod(orders, uri)).isEqualTo("t");

    // When
    Pod before = orders.pod();
    String serial = orders.tls().serialNumber();
    certManager.renew(given.namespace(), "orders");

    // Then
    Eventually.instance(orders).servesCertificateOtherThan(serial);
    assertThat(Verification.psqlInPod(orders, uri)).isEqualTo("t");
    orders.assertHas(before);
  }

  /** Applies manifests of the namespace {@code shop} in the one of this class. */
  private static void apply(String manifests) {
    Shell.run(
        Path.of("."),
        Map.of(),
        "kubectl apply -f - <<'END'\n%s\nEND"
            .formatted(manifests.replaceAll("\\bshop\\b", given.namespace())));
  }
}
