package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Page;
import dev.postgresinstance.tests.support.Shell;
import dev.postgresinstance.tests.support.Verification;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Clients verify the server, and a new certificate disturbs nobody. */
class TlsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @CoversReasons(Reason.CERTIFICATE_SERVED)
  void clientsVerifyServerInFullInsideAndOutsideTheCluster() throws Exception {
    // Given
    Instance orders = given.instance("orders").running();
    Eventually.instance(orders)
        .hasCondition(ConditionType.CERTIFICATE_READY, Reason.CERTIFICATE_SERVED);

    // When, Then: outside, by JDBC
    try (Client client = Client.connect(Verification.url(orders))) {
      assertThat(client.read(Client.IS_ENCRYPTED)).isEqualTo("t");
    }

    // When, Then: inside, by libpq, which binds the login to the channel
    Map<String, String> published = orders.credentials();
    String namespace = orders.namespace();
    for (String host :
        List.of("orders", "orders." + namespace, "orders." + namespace + ".svc", "localhost")) {
      String uri =
          "postgresql://%s:%s@%s:5432/app?sslmode=verify-full"
              .formatted(published.get("username"), published.get("password"), host);
      assertThat(Verification.psqlInPod(orders, uri)).as(host).isEqualTo("t");
    }
  }

  @Test
  void commandsOfTheDocumentationVerifyServerAndShowItsCertificate(@TempDir Path folder) {
    // Given
    Instance books = given.instance("books").running();
    Page page = new Page(Path.of("../docs/operations.md"));

    // When, Then
    String connect = page.code("sh", "external-tls-uri").getFirst().strip();
    assertThat(Shell.runFor(books, folder, connect + " -XtAc '%s'".formatted(Client.IS_ENCRYPTED)))
        .isEqualTo("t");
    assertThat(Shell.runFor(books, folder, page.code("sh", "'{.status.tls}'").getFirst()))
        .contains(books.tls().serialNumber());
  }

  @Test
  void clientThatTrustsAnotherAuthorityIsNotConnected() throws Exception {
    // Given
    Instance desk = given.instance("desk").running();
    Instance till = given.instance("till").running();

    // When, Then
    String uri = Verification.url(desk, Verification.authority(till));
    assertThatThrownBy(() -> Client.connect(uri))
        .hasStackTraceContaining("PKIX path building failed");
  }

  @Test
  void newNameIsServedWithoutRestartAndLostSession() throws Exception {
    // Given
    Instance shop = given.instance("shop").running();
    Pod before = shop.pod();
    String serial = shop.tls().serialNumber();
    try (Client session = Client.connect(Verification.url(shop))) {

      // When
      shop.change(spec -> spec.tls("dnsNames", List.of("db.example.com")));

      // Then
      Eventually.instance(shop).servesCertificateOtherThan(serial, "db.example.com");
      assertThat(session.read("SELECT 1")).isEqualTo("1");
    }
    Client.connect(Verification.url(shop)).close();
    shop.assertHas(before);
    assertThat(Cluster.containerRestarts(shop)).isZero();
  }

  @Test
  void deletedCertificateIsReplacedByOneOfTheSameAuthority() throws Exception {
    // Given
    Instance desk = given.instance("lost-tls").running();
    Pod before = desk.pod();
    String url = Verification.url(desk);

    // When
    servesAnotherCertificateAfterDeletionOf(desk.tlsSecret(), desk);

    // Then
    Client.connect(url).close();
    desk.assertHas(before);
  }

  @Test
  @Tag("long")
  void deletedAuthorityIsReplacedByAnother() throws Exception {
    // Given
    Instance desk = given.instance("lost-ca").running();
    Pod before = desk.pod();
    String authority = desk.credentials().get("ca.crt");

    // When
    servesAnotherCertificateAfterDeletionOf(desk.caSecret(), desk);

    // Then
    assertThat(desk.credentials().get("ca.crt")).isNotEqualTo(authority);
    Client.connect(Verification.url(desk)).close();
    desk.assertHas(before);
  }

  private static void servesAnotherCertificateAfterDeletionOf(Secret secret, Instance instance) {
    String serial = instance.tls().serialNumber();
    Cluster.delete(secret);
    Eventually.instance(instance).servesCertificateOtherThan(serial);
    Eventually.instance(instance).isReady();
  }

  @Test
  @Tag("long")
  void serverComesUpAfterKeyWasReplacedByHand() throws Exception {
    // Given
    Instance vault = given.instance("vault").running();
    Instance other = given.instance("other").running();
    Pod before = vault.pod();

    // When
    Cluster.edit(
        vault.tlsSecret(),
        secret -> secret.getData().put("tls.key", other.tlsSecret().getData().get("tls.key")));
    Cluster.killPod(vault);

    // Then
    Eventually.instance(vault).isReadyWithNewPod(before);
    Eventually.instance(vault)
        .hasCondition(ConditionType.CERTIFICATE_READY, Reason.CERTIFICATE_SERVED);
    Client.connect(Verification.url(vault)).close();
  }

  @Test
  @Tag("long")
  void allSecretsDeletedTogetherReturn() throws Exception {
    // Given
    Instance all = given.instance("all").running();
    Pod before = all.pod();

    // When
    Cluster.delete(all.caSecret());
    Cluster.delete(all.tlsSecret());
    Cluster.delete(all.appSecret());

    // Then: the operator reaches a server whose authority nobody knows any more
    Eventually.that(
        "a client with the new authority verifies the server",
        () -> Client.connect(Verification.url(all)).close());
    Eventually.instance(all).isReady();
    all.assertHas(before);
  }

  @Test
  void immutableCertificateIsReplacedByCommandInTheStatus() throws Exception {
    // Given
    Instance safe = given.instance("safe").running();
    Pod before = safe.pod();
    String serial = safe.tls().serialNumber();
    Cluster.edit(safe.tlsSecret(), secret -> secret.setImmutable(true));
    safe.change(spec -> spec.tls("dnsNames", List.of("db.example.com")));
    String message =
        Eventually.instance(safe)
            .conditionMessage(ConditionType.CERTIFICATE_READY, Reason.OBJECT_IMMUTABLE);
    assertThat(safe.ready().orElseThrow().getStatus()).as("clients verify it").isEqualTo("True");

    // When
    Cluster.paste(message.substring(message.indexOf("kubectl")));

    // Then
    Eventually.instance(safe).isReadyWithNewPod(before);
    Eventually.instance(safe).servesCertificateOtherThan(serial, "db.example.com");
  }

  @Test
  @Tag("long")
  void secretOfSomebodyElseStaysAndInstanceDoesWithoutTls() throws SQLException {
    // Given
    Secret foreign =
        given.object(
            new SecretBuilder()
                .withNewMetadata()
                .withName("plain-tls")
                .endMetadata()
                .withStringData(Map.of("mine", "yes"))
                .build());

    // When
    Instance plain = given.instance("plain").running();

    // Then
    assertThat(
            Eventually.instance(plain)
                .conditionMessage(ConditionType.CERTIFICATE_READY, Reason.CONFLICT))
        .contains("Secret plain-tls");
    assertThat(Cluster.current(foreign).getData()).containsOnlyKeys("mine");
    assertThat(plain.credentials()).doesNotContainKeys("sslmode", "tls-uri");
    Client.connect(plain).close();
  }

  @Test
  void deletionAndReturnKeepTheAuthority() throws Exception {
    // Given
    Instance ledger = given.instance("ledger").running();
    String authority = ledger.credentials().get("ca.crt");
    String uri = Verification.url(ledger);
    ledger.delete();

    // When
    ledger.apply();

    // Then
    Eventually.instance(ledger).isReady();
    assertThat(ledger.credentials().get("ca.crt")).isEqualTo(authority);
    Eventually.that("a client with the former authority", () -> Client.connect(uri).close());
  }
}
