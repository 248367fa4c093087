package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A user's own certificate is served as soon as it is good, and a bad one changes nothing. */
class OwnCertificateTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final Authority AUTHORITY = new Authority("corporate");

  @Test
  @Tag("long")
  @CoversReasons(Reason.TLS_SECRET_INVALID)
  void newInstanceTakesCertificateAsSoonAsItExists() throws Exception {
    // Given
    Instance orders = given.instance("orders").tls("secretName", "orders-cert").running();
    assertThat(
            Eventually.instance(orders)
                .conditionMessage(ConditionType.CERTIFICATE_READY, Reason.TLS_SECRET_INVALID))
        .startsWith("Secret orders-cert, which spec.tls.secretName names, does not exist.");
    Client.connect(Verification.url(orders)).close();

    // When
    provide("orders-cert", AUTHORITY.issue(hosts(orders)));

    // Then
    servesCertificateOf(orders, "CN=corporate");
    Client.connect(Verification.url(orders)).close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void renewalIsServedWithoutRestartAndLostSession(boolean isWatched) throws Exception {
    // Given
    Instance shop = withCertificate(isWatched ? "watched" : "unwatched", isWatched);
    Pod before = shop.pod();
    String serial = shop.tls().serialNumber();
    try (Client session = Client.connect(Verification.url(shop))) {

      // When
      replace(shop.name() + "-cert", AUTHORITY.issue(hosts(shop)));

      // Then
      Eventually.instance(shop).servesCertificateOtherThan(serial);
      assertThat(session.read("SELECT 1")).isEqualTo("1");
    }
    Client.connect(Verification.url(shop)).close();
    shop.assertHas(before);
  }

  private enum Fault {
    NO_KEY("contains no EC key in tls.key"),
    KEY_OF_ANOTHER("does not belong to the certificate"),
    NO_CERTIFICATE("contains no certificate in tls.crt"),
    OTHER_AUTHORITY("does not lead to one in ca.crt"),
    EXPIRED("contains a certificate that expired at"),
    NOT_YET_VALID("valid only from"),
    ED25519("kind EdDSA"),
    WITHOUT_PUBLISHED_NAME("does not contain");

    private final String message;

    Fault(String message) {
      this.message = message;
    }

    private Map<String, String> data(List<String> hosts) {
      Map<String, String> data = new HashMap<>(AUTHORITY.issue(hosts));
      Map<String, String> other = new Authority("other").issue(hosts);
      switch (this) {
        case NO_KEY -> data.put("tls.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----");
        case KEY_OF_ANOTHER -> data.put("tls.key", other.get("tls.key"));
        case NO_CERTIFICATE -> data.put("tls.crt", "mine");
        case OTHER_AUTHORITY -> data.put("ca.crt", other.get("ca.crt"));
        case EXPIRED -> data.putAll(issued("EC", Duration.ofDays(-20), hosts));
        case NOT_YET_VALID -> data.putAll(issued("EC", Duration.ofDays(1), hosts));
        case ED25519 -> data.putAll(issued("Ed25519", Duration.ofDays(-1), hosts));
        case WITHOUT_PUBLISHED_NAME -> data.putAll(AUTHORITY.issue(List.of("db.example.com")));
      }
      return data;
    }

    private static Map<String, String> issued(
        String algorithm, Duration start, List<String> hosts) {
      return AUTHORITY.issue(algorithm, Instant.now().plus(start), hosts);
    }
  }

  @Test
  void badCertificateStaysOutOfServerAndFormerOneGoesOn() throws Exception {
    // Given
    Instance ledger = withCertificate("ledger", true);
    String serial = ledger.tls().serialNumber();
    String uri = Verification.url(ledger);
    for (Fault fault : Fault.values()) {

      // When
      replace("ledger-cert", fault.data(hosts(ledger)));

      // Then
      Eventually.that(
          "the status tells " + fault,
          () ->
              assertThat(ledger.condition(ConditionType.CERTIFICATE_READY).orElseThrow())
                  .returns(Reason.TLS_SECRET_INVALID.word(), Condition::getReason)
                  .extracting(Condition::getMessage)
                  .asString()
                  .contains(fault.message)
                  .doesNotContain("PRIVATE"));
      assertThat(ledger.tls().serialNumber()).as(fault.message).isEqualTo(serial);
      assertThat(ledger.ready().orElseThrow().getStatus()).as(fault.message).isEqualTo("True");
    }
    Client.connect(uri).close();
  }

  @Test
  void afterReturnToCertificateOfOperatorClientsStillVerify() throws Exception {
    // Given
    Instance desk = withCertificate("desk", true);
    String uri = Verification.url(desk);

    // When
    desk.change(spec -> spec.tls("secretName", ""));

    // Then
    servesCertificateOf(desk, "CN=%s/desk-ca".formatted(desk.namespace()));
    Client.connect(uri).close();
  }

  @Test
  @Tag("long")
  void withoutAuthorityInTheSecretApplicationsGetNoneAndStatusSaysSo() throws Exception {
    // Given
    Instance till = withCertificate("till", true);
    Path trusted = Verification.authority(till);
    Map<String, String> data = new HashMap<>(AUTHORITY.issue(hosts(till)));
    data.remove("ca.crt");

    // When
    replace("till-cert", data);

    // Then
    Eventually.that(
        "the status says that the authority is not published",
        () ->
            assertThat(till.condition(ConditionType.CERTIFICATE_READY).orElseThrow().getMessage())
                .isEqualTo(
                    "The server presents the certificate of Secret till-cert. That Secret has no ca.crt, so Secret till-app has none: clients need to know the authority from elsewhere."));
    Eventually.that(
        "the Secret of the application has no authority",
        () -> assertThat(till.credentials()).doesNotContainKeys("ca.crt", "sslrootcert"));
    Client.connect(Verification.url(till, trusted)).close();
  }

  private Instance withCertificate(String name, boolean isWatched) {
    Instance instance = given.instance(name).running();
    provide(name + "-cert", AUTHORITY.issue(hosts(instance)), isWatched);
    instance.change(spec -> spec.tls("secretName", name + "-cert"));
    servesCertificateOf(instance, "CN=corporate");
    return instance;
  }

  private static void servesCertificateOf(Instance instance, String issuer) {
    Eventually.that(
        "the server presents a certificate of " + issuer,
        () -> {
          assertThat(instance.tls().issuer()).isEqualTo(issuer);
          assertThat(instance.tls().serving()).isTrue();
          assertThat(instance.condition(ConditionType.CERTIFICATE_READY).orElseThrow().getReason())
              .isEqualTo(Reason.CERTIFICATE_SERVED.word());
        });
  }

  private static List<String> hosts(Instance instance) {
    var endpoints = instance.resource().getStatus().endpoints();
    List<String> hosts = new ArrayList<>(endpoints.external().hosts());
    hosts.add(endpoints.internal().host());
    hosts.add("localhost");
    hosts.add("127.0.0.1");
    return hosts;
  }

  private static void provide(String name, Map<String, String> data) {
    provide(name, data, true);
  }

  private static void provide(String name, Map<String, String> data, boolean isWatched) {
    given.object(
        new SecretBuilder()
            .withNewMetadata()
            .withName(name)
            .addToLabels(isWatched ? Map.of("postgresinstance.dev/watch", "true") : Map.of())
            .endMetadata()
            .withType("kubernetes.io/tls")
            .withStringData(data)
            .build());
  }

  private static void replace(String name, Map<String, String> data) {
    Secret present =
        new SecretBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(given.namespace())
            .endMetadata()
            .build();
    Cluster.edit(present, secret -> secret.setData(Instance.encoded(data)));
  }
}
