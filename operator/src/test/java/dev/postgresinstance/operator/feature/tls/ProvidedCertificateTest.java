package dev.postgresinstance.operator.feature.tls;

import static dev.postgresinstance.operator.feature.tls.TlsSnapshots.signing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which user-provided certificates reach the pod, and how the operator explains a rejection. */
class ProvidedCertificateTest {

  private static final Instant NOW = Pods.NOW;
  private static final Instant BEFORE = NOW.minus(Duration.ofDays(30));
  private static final Duration LIFETIME = Duration.ofDays(90);
  private static final String HOST = "orders.shop.svc";
  private static final List<String> HOSTS = List.of(HOST, "db.example.com");

  private static final KeyPair KEYS = ProvidedSecrets.keys("EC", 256);
  private static final KeyedCertificate ROOT =
      ProvidedSecrets.authority("root", ProvidedSecrets.keys("RSA", 2048), List.of());
  private static final KeyedCertificate INTERMEDIATE =
      ProvidedSecrets.authority("intermediate", ProvidedSecrets.keys("EC", 384), List.of(ROOT));
  private static final KeyedCertificate GOOD = server(KEYS, INTERMEDIATE);

  private final Snapshot snapshot =
      Snapshots.withNodePort(
          Snapshots.of(
              "{tls: {secretName: %s}, service: {advertisedHost: db.example.com}}"
                  .formatted(ProvidedSecrets.NAME)),
          30432);

  static List<Arguments> usable() {
    KeyPair rsa = ProvidedSecrets.keys("RSA", 2048);
    KeyedCertificate ofRsa = server(rsa, ROOT);
    KeyedCertificate wildcard =
        ProvidedSecrets.server(
            KEYS, ROOT, List.of("*.shop.svc", "*.Example.com"), BEFORE, LIFETIME);
    return List.of(
        Arguments.of("with an intermediate authority", ProvidedSecrets.secret(GOOD, List.of(ROOT))),
        Arguments.of("without ca.crt", ProvidedSecrets.secret(GOOD, List.of())),
        Arguments.of(
            "with the root in the chain",
            ProvidedSecrets.secret(
                new KeyedCertificate(
                    List.of(GOOD.certificate(), INTERMEDIATE.certificate(), ROOT.certificate()),
                    GOOD.key()),
                List.of(ROOT))),
        Arguments.of("with RSA", ProvidedSecrets.secret(ofRsa, List.of(ROOT))),
        Arguments.of("with wildcards", ProvidedSecrets.secret(wildcard, List.of(ROOT))),
        Arguments.of(
            "with an RSA key in PKCS #1",
            ProvidedSecrets.secret(
                Map.of(
                    "tls.crt",
                    Pem.of(ofRsa.chain()),
                    "tls.key",
                    ProvidedSecrets.traditional(rsa.getPrivate())))),
        Arguments.of(
            "with an elliptic curve key in SEC 1",
            ProvidedSecrets.secret(
                Map.of(
                    "tls.crt",
                    Pem.of(GOOD.chain()),
                    "tls.key",
                    ProvidedSecrets.traditional(KEYS.getPrivate())))));
  }

  static List<Arguments> unusable() {
    KeyPair other = ProvidedSecrets.keys("EC", 256);
    return List.of(
        Arguments.of(
            "contains a private key in tls.key that does not belong to the certificate",
            ProvidedSecrets.secret(
                new KeyedCertificate(GOOD.chain(), other.getPrivate()), List.of(ROOT))),
        Arguments.of(
            "contains no EC key in tls.key that can be read without a passphrase",
            ProvidedSecrets.secret(Map.of("tls.crt", Pem.of(GOOD.chain()), "tls.key", "secret"))),
        Arguments.of(
            "contains no certificate in tls.crt that can be read",
            ProvidedSecrets.secret(Map.of("tls.key", Pem.of(GOOD.key())))),
        Arguments.of(
            "contains no certificate in ca.crt that can be read",
            ProvidedSecrets.secret(
                Map.of(
                    "tls.crt",
                    Pem.of(GOOD.chain()),
                    "tls.key",
                    Pem.of(GOOD.key()),
                    "ca.crt",
                    "none"))),
        Arguments.of(
            "has a certificate that does not lead to one in ca.crt",
            ProvidedSecrets.secret(
                new KeyedCertificate(List.of(GOOD.certificate()), GOOD.key()), List.of(ROOT))),
        Arguments.of(
            "of which number 2 has not signed number 1",
            ProvidedSecrets.secret(
                new KeyedCertificate(List.of(GOOD.certificate(), ROOT.certificate()), GOOD.key()),
                List.of(ROOT))),
        Arguments.of(
            "contains a certificate that expired at",
            ProvidedSecrets.secret(
                ProvidedSecrets.server(KEYS, ROOT, HOSTS, BEFORE, Duration.ofDays(29)),
                List.of(ROOT))),
        Arguments.of(
            "contains a certificate that is valid only from",
            ProvidedSecrets.secret(
                ProvidedSecrets.server(KEYS, ROOT, HOSTS, NOW.plus(Duration.ofDays(1)), LIFETIME),
                List.of(ROOT))),
        Arguments.of(
            "has a certificate with a key of kind EdDSA",
            ProvidedSecrets.secret(
                server(ProvidedSecrets.keys("Ed25519", 0), ROOT), List.of(ROOT))),
        Arguments.of(
            "contains an RSA key of 1024 bits",
            ProvidedSecrets.secret(server(ProvidedSecrets.keys("RSA", 1024), ROOT), List.of(ROOT))),
        Arguments.of(
            "contains an RSA key of 8193 bits; the operator accepts at most 8192",
            ProvidedSecrets.secret(server(ProvidedSecrets.hugeKeys(8193), ROOT), List.of(ROOT))),
        Arguments.of(
            "does not contain db.example.com",
            ProvidedSecrets.secret(
                ProvidedSecrets.server(KEYS, ROOT, List.of(HOST), BEFORE, LIFETIME),
                List.of(ROOT))),
        Arguments.of(
            "does not contain db.example.com, orders.shop.svc",
            ProvidedSecrets.secret(
                ProvidedSecrets.server(
                    KEYS, ROOT, List.of("*.com", "a.db.example.com"), BEFORE, LIFETIME),
                List.of(ROOT))),
        Arguments.of(
            "was created by the operator",
            new SecretBuilder(ProvidedSecrets.secret(GOOD, List.of(ROOT)))
                .editMetadata()
                .addToAnnotations("postgresinstance.dev/instance-id", "other")
                .endMetadata()
                .build()));
  }

  private static KeyedCertificate server(KeyPair keys, KeyedCertificate issuer) {
    return ProvidedSecrets.server(keys, issuer, HOSTS, BEFORE, LIFETIME);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("usable")
  void certificateIsCopied(String kind, Secret secret) {
    // When
    Snapshot written = TlsSnapshots.reconciled(snapshot.with(secret), NOW);

    // Then
    assertThat(fault(snapshot.with(secret))).as(kind).isEmpty();
    KeyedCertificate copy = ServerCertificate.of(written).orElseThrow();
    assertThat(Pem.of(copy.chain())).isEqualTo(text(secret, "tls.crt"));
    assertThat(copy.isPair()).isTrue();
    assertThat(TlsSnapshots.reconciled(written, NOW).objects()).isEqualTo(written.objects());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unusable")
  void otherCertificateStaysOutOfPod(String fault, Secret secret) {
    // Given
    Snapshot issued = TlsSnapshots.reconciled(snapshot, NOW);

    // When
    Snapshot written = TlsSnapshots.reconciled(issued.with(secret), NOW);

    // Then
    assertThat(fault(written).orElseThrow())
        .startsWith("Secret orders-from-cert-manager, which spec.tls.secretName names, ")
        .contains(fault);
    assertThat(ServerCertificate.of(written)).isEqualTo(ServerCertificate.of(issued));
  }

  @Test
  void missingSecretIsReported() {
    assertThat(fault(snapshot))
        .contains(
            "Secret orders-from-cert-manager, which spec.tls.secretName names, does not exist.");
  }

  @Test
  void formerCopyStaysWhileSecretIsUnusable() {
    // Given
    Snapshot copied =
        TlsSnapshots.reconciled(snapshot.with(ProvidedSecrets.secret(GOOD, List.of(ROOT))), NOW);

    // When
    Snapshot broken =
        TlsSnapshots.reconciled(copied.with(ProvidedSecrets.secret(Map.of("tls.crt", ""))), NOW);

    // Then
    assertThat(broken.get(ObjectKey.TLS_SECRET)).isEqualTo(copied.get(ObjectKey.TLS_SECRET));
  }

  @Test
  void clientsTrustBothAuthoritiesSoThatReturnBreaksNobody() {
    // Given
    Snapshot copied =
        TlsSnapshots.reconciled(snapshot.with(ProvidedSecrets.secret(GOOD, List.of(ROOT))), NOW);

    // When
    Snapshot returned = TlsSnapshots.reconciled(Snapshots.withSpec(copied, "tls: {}"), NOW);

    // Then
    assertThat(PublishedTls.trusted(copied).map(Pem::certificates).orElseThrow())
        .containsExactly(ROOT.certificate(), signing(copied).certificate());
    assertThat(ServerCertificate.of(returned).orElseThrow().isSignedBy(signing(returned))).isTrue();
    assertThat(signing(returned)).isEqualTo(signing(copied));
  }

  @Test
  void withoutAuthorityClientsGetNoneAndOperatorTrustsTheCertificateItself() {
    // When
    Snapshot copied =
        TlsSnapshots.reconciled(snapshot.with(ProvidedSecrets.secret(GOOD, List.of())), NOW);

    // Then
    assertThat(PublishedTls.isOffered(copied)).isTrue();
    assertThat(PublishedTls.trusted(copied)).isEmpty();
    assertThat(Pem.certificates(PublishedTls.ofOperator(copied).orElseThrow().authorities()))
        .contains(GOOD.certificate(), signing(copied).certificate());
  }

  @Test
  void emptyNameMeansCertificateOfOperator() {
    // Given
    Snapshot unnamed = Snapshots.of("{tls: {secretName: \"\"}}");

    // Then
    assertThat(ProvidedCertificate.of(unnamed, NOW)).isEmpty();
  }

  private static Optional<String> fault(Snapshot snapshot) {
    return ProvidedCertificate.of(snapshot, NOW).flatMap(ProvidedCertificate::fault);
  }

  private static String text(Secret secret, String key) {
    return SecretData.text(Optional.of(secret), key).orElseThrow();
  }
}
