package dev.postgresinstance.operator.sql.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wildfly.security.x500.GeneralName;
import org.wildfly.security.x500.cert.BasicConstraintsExtension;
import org.wildfly.security.x500.cert.SubjectAlternativeNamesExtension;
import org.wildfly.security.x500.cert.X509CertificateBuilder;

/** What no authority of the operator does, but that of a user may do. */
class CertificateVerifierTest {

  private static final String HOST = "orders.shop.svc";

  private final ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
  private KeyPair keys;

  @BeforeEach
  void makeKeys() throws GeneralSecurityException {
    keys = KeyPairGenerator.getInstance("EC").generateKeyPair();
  }

  @Test
  void acceptsCertificateWhileAuthorityIsValid() throws GeneralSecurityException {
    // When
    ServerIdentity identity = verify(authority(Duration.ofDays(1)), server());

    // Then
    assertThat(identity.fault()).isEmpty();
  }

  @Test
  void reportsAuthorityThatExpiredBeforeItsCertificate() throws GeneralSecurityException {
    // When
    ServerIdentity identity = verify(authority(Duration.ofDays(-1)), server());

    // Then
    assertThat(identity)
        .isEqualTo(
            ServerIdentity.trusted(
                identity.fingerprint(),
                Optional.of("is signed by an authority that is not valid now")));
  }

  @Test
  void acceptsRenewedAuthorityBesideTheExpiredOne() throws GeneralSecurityException {
    // Given
    String both = authority(Duration.ofDays(-1)) + authority(Duration.ofDays(1));

    // When
    ServerIdentity identity = verify(both, server());

    // Then
    assertThat(identity.fault()).isEmpty();
  }

  private static ServerIdentity verify(String authorities, X509Certificate server)
      throws GeneralSecurityException {
    return CertificateVerifier.verify(
        new TlsTrust(authorities, HOST, false), List.of(server.getEncoded()));
  }

  /** An authority that expires after that time, with the same key and name each time. */
  private String authority(Duration remaining) throws GeneralSecurityException {
    return Pem.of(
        List.of(
            builder("authority", now.plus(remaining))
                .addExtension(new BasicConstraintsExtension(true, true, -1))
                .build()));
  }

  private X509Certificate server() throws GeneralSecurityException {
    return builder("server", now.plusDays(30))
        .addExtension(
            new SubjectAlternativeNamesExtension(false, List.of(new GeneralName.DNSName(HOST))))
        .build();
  }

  private X509CertificateBuilder builder(String name, ZonedDateTime end) {
    return new X509CertificateBuilder()
        .setSubjectDn(new X500Principal("CN=" + name))
        .setIssuerDn(new X500Principal("CN=authority"))
        .setPublicKey(keys.getPublic())
        .setSigningKey(keys.getPrivate())
        .setSignatureAlgorithmName("SHA256withECDSA")
        .setSerialNumber(BigInteger.TEN)
        .setNotValidBefore(now.minusDays(10))
        .setNotValidAfter(end);
  }
}
