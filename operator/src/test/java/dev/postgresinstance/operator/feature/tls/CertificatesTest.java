package dev.postgresinstance.operator.feature.tls;

import static dev.postgresinstance.operator.feature.tls.TlsSnapshots.authority;
import static dev.postgresinstance.operator.feature.tls.TlsSnapshots.certificate;
import static dev.postgresinstance.operator.feature.tls.TlsSnapshots.signing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.tls.certificate.HostNames;
import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When the Secrets of authority and certificate change, and what they contain. */
class CertificatesTest {

  private static final Instant NOW = Pods.NOW;
  private static final String SIGNATURE = "SHA256withECDSA";

  private final Snapshot external =
      Snapshots.withNodes(
          Snapshots.withNodePort(Snapshots.of("{}"), 30432), "172.18.0.2", "fd00::2");
  private final Snapshot issued = TlsSnapshots.reconciled(external, NOW);

  @Test
  void certificateIsValidForItsAuthority() throws Exception {
    // Given
    X509Certificate authority = authority(issued);
    X509Certificate certificate = certificate(issued);
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(NOW));

    // When
    CertPathValidator.getInstance("PKIX")
        .validate(
            CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate)),
            parameters);

    // Then
    assertThat(certificate.getSigAlgName()).isEqualTo(SIGNATURE);
    assertThat(authority.getSigAlgName()).isEqualTo(SIGNATURE);
    assertThat(authority.getBasicConstraints()).as("signs no other authority").isZero();
    assertThat(certificate.getBasicConstraints()).as("signs nothing").isEqualTo(-1);
    assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(lifetime(authority)).isEqualTo(Duration.ofDays(3650));
    assertThat(lifetime(certificate)).isEqualTo(Duration.ofDays(90));
  }

  @Test
  void certificateContainsAllNamesOfServicePublishedAddressesAndLocalhost() {
    assertThat(HostNames.in(certificate(issued)))
        .containsExactlyInAnyOrder(
            "orders",
            "orders.shop",
            "orders.shop.svc",
            "orders.shop.svc.cluster.local",
            "172.18.0.2",
            "fd00:0:0:0:0:0:0:2",
            "localhost",
            "127.0.0.1",
            "0:0:0:0:0:0:0:1");
  }

  @ParameterizedTest
  @CsvSource({
    "'{tls: {dnsNames: [db.example.com, \"*.Example.com\"]}}', *.example.com",
    "'{service: {advertisedHost: db.example.com}}', db.example.com",
    "'{service: {advertisedHost: \"2001:db8::1\"}}', 2001:db8:0:0:0:0:0:1",
  })
  void certificateContainsNamesOfSpec(String spec, String name) {
    // When
    Snapshot snapshot =
        TlsSnapshots.reconciled(Snapshots.withNodePort(Snapshots.of(spec), 30432), NOW);

    // Then
    assertThat(HostNames.in(certificate(snapshot))).contains(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.5:5432", ":::", "ab:cd", "999.1.1.1", "256.1.1.1"})
  void certificateIsIssuedWithoutAddressThatIsNone(String host) {
    // Given: the definition of the resource accepts it
    Snapshot snapshot =
        Snapshots.withNodePort(
            Snapshots.of("{service: {advertisedHost: \"%s\"}}".formatted(host)), 30432);

    // When
    Snapshot written = TlsSnapshots.reconciled(snapshot, NOW);

    // Then
    assertThat(HostNames.in(certificate(written))).contains("localhost").doesNotContain(host);
    assertThat(TlsSnapshots.reconciled(written, NOW).objects()).isEqualTo(written.objects());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 59})
  void secretsStayForTwoThirdsOfTheTime(int days) {
    // When
    Snapshot later = TlsSnapshots.reconciled(issued, NOW.plus(Duration.ofDays(days)));

    // Then
    assertThat(later.objects()).isEqualTo(issued.objects());
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 89, 91, 1000})
  void certificateIsRenewedByTheSameAuthority(int days) {
    // Given
    Instant later = NOW.plus(Duration.ofDays(days));

    // When
    Snapshot renewed = TlsSnapshots.reconciled(issued, later);

    // Then
    assertThat(authority(renewed)).isEqualTo(authority(issued));
    assertThat(certificate(renewed).getSerialNumber())
        .isNotEqualTo(certificate(issued).getSerialNumber());
    assertThat(certificate(renewed).getNotAfter().toInstant())
        .isAfter(later.plus(Duration.ofDays(80)));
  }

  @Test
  void certificateNeverOutlivesItsAuthority() {
    // Given
    Instant nearTheEnd = NOW.plus(Duration.ofDays(3640));

    // When
    Snapshot renewed = TlsSnapshots.reconciled(issued, nearTheEnd);

    // Then
    assertThat(authority(renewed)).isEqualTo(authority(issued));
    assertThat(certificate(renewed).getNotAfter()).isEqualTo(authority(issued).getNotAfter());
  }

  @Test
  void newNameIsAddedAndRemovedNameIsTakenAway() {
    // Given
    Snapshot named = Snapshots.withSpec(issued, "tls: {dnsNames: [db.example.com]}");

    // When
    Snapshot added = TlsSnapshots.reconciled(named, NOW);
    Snapshot removed =
        TlsSnapshots.reconciled(Snapshots.withSpec(added, "tls: {dnsNames: []}"), NOW);

    // Then
    assertThat(HostNames.in(certificate(added))).contains("db.example.com");
    assertThat(HostNames.in(certificate(removed))).doesNotContain("db.example.com");
  }

  @Test
  void addressOfRemovedNodeStaysUntilRenewal() {
    // When
    Snapshot fewer = TlsSnapshots.reconciled(Snapshots.withNodes(issued, "172.18.0.2"), NOW);
    Snapshot other = TlsSnapshots.reconciled(Snapshots.withNodes(issued, "172.18.0.9"), NOW);

    // Then
    assertThat(certificate(fewer)).isEqualTo(certificate(issued));
    assertThat(HostNames.in(certificate(other)))
        .contains("172.18.0.9")
        .doesNotContain("172.18.0.2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tls.crt", "tls.key"})
  void editedCertificateIsReplaced(String key) {
    // Given: what belongs to another instance
    Snapshot foreign = TlsSnapshots.reconciled(external, NOW);
    Secret edited =
        new SecretBuilder(issued.get(ObjectKey.TLS_SECRET).orElseThrow())
            .addToData(key, foreign.get(ObjectKey.TLS_SECRET).orElseThrow().getData().get(key))
            .build();

    // When
    Snapshot repaired = TlsSnapshots.reconciled(issued.with(edited), NOW);

    // Then
    assertThat(ServerCertificate.of(issued.with(edited))).isEmpty();
    assertThat(ServerCertificate.of(repaired)).isPresent();
    assertThat(ServerCertificate.of(repaired).orElseThrow().isSignedBy(signing(repaired))).isTrue();
  }

  @Test
  void lostAuthorityIsReplacedAndStaysTrusted() {
    // Given: the published Secret has its certificate
    Secret published =
        new SecretBuilder()
            .withNewMetadata()
            .withName("orders-app")
            .endMetadata()
            .withData(
                SecretData.encode(
                    Map.of("ca.crt", CertificateAuthority.trusted(issued).orElseThrow())))
            .build();

    // When
    Snapshot repaired = TlsSnapshots.reconciled(external.with(published), NOW);

    // Then
    assertThat(authority(repaired)).isNotEqualTo(authority(issued));
    assertThat(Pem.certificates(CertificateAuthority.trusted(repaired).orElseThrow()))
        .containsExactly(authority(repaired), authority(issued));
  }

  @Test
  void expiredAuthorityIsReplacedAndNoLongerTrusted() {
    // Given
    Instant later = NOW.plus(Duration.ofDays(3651));

    // When
    Snapshot replaced = TlsSnapshots.reconciled(issued, later);

    // Then
    assertThat(Pem.certificates(CertificateAuthority.trusted(replaced).orElseThrow()))
        .containsExactly(authority(replaced))
        .doesNotContain(authority(issued));
    assertThat(ServerCertificate.of(replaced).orElseThrow().isSignedBy(signing(replaced))).isTrue();
  }

  @Test
  void textsContainNoKey() {
    assertThat(signing(issued).toString()).doesNotContain("PRIVATE", "EC");
  }

  private static Duration lifetime(X509Certificate certificate) {
    return Duration.between(NOW, certificate.getNotAfter().toInstant());
  }
}
