package dev.postgresinstance.operator.feature.tls.certificate;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.wildfly.security.x500.GeneralName;
import org.wildfly.security.x500.X500;
import org.wildfly.security.x500.cert.AuthorityKeyIdentifierExtension;
import org.wildfly.security.x500.cert.BasicConstraintsExtension;
import org.wildfly.security.x500.cert.ExtendedKeyUsageExtension;
import org.wildfly.security.x500.cert.KeyUsage;
import org.wildfly.security.x500.cert.KeyUsageExtension;
import org.wildfly.security.x500.cert.SubjectAlternativeNamesExtension;
import org.wildfly.security.x500.cert.SubjectKeyIdentifierExtension;
import org.wildfly.security.x500.cert.X509CertificateBuilder;
import org.wildfly.security.x500.cert.util.KeyUtil;

/**
 * Makes certificates as RFC 5280 describes them, with ECDSA on the curve P-256 and SHA-256. With
 * Ed25519, libpq could not bind the login to the channel: that needs the hash of the signature.
 */
public final class CertificateMaker {

  /** The algorithm of all signatures. */
  public static final String SIGNATURE = "SHA256withECDSA";

  /** Clocks of clients may be late. */
  private static final Duration BEFORE = Duration.ofHours(1);

  private static final Duration LIFETIME_OF_AUTHORITY = Duration.ofDays(3650);
  private static final Duration LIFETIME = Duration.ofDays(90);

  /** RFC 5280, 4.1.2.2: positive, and at most 20 octets. */
  private static final int SERIAL_NUMBER_BITS = 127;

  private static final SecureRandom RANDOM = new SecureRandom();

  private CertificateMaker() {}

  /**
   * A self-signed authority that can only sign certificates of servers.
   *
   * @param name its common name
   */
  public static KeyedCertificate authority(String name, KeyPair keys, Instant now) {
    X500Principal subject = new X500Principal("CN=" + name);
    X509CertificateBuilder builder =
        common(subject, keys, now, now.plus(LIFETIME_OF_AUTHORITY))
            .setIssuerDn(subject)
            .setSigningKey(keys.getPrivate())
            .addExtension(new BasicConstraintsExtension(true, true, 0))
            .addExtension(new KeyUsageExtension(KeyUsage.keyCertSign, KeyUsage.cRLSign));
    return new KeyedCertificate(List.of(build(builder)), keys.getPrivate());
  }

  /**
   * The certificate of a server.
   *
   * @param name its common name, for people; clients compare the alternative names
   * @param names host names and addresses
   */
  public static KeyedCertificate server(
      String name, List<String> names, KeyedCertificate authority, KeyPair keys, Instant now) {
    Instant end = authority.certificate().getNotAfter().toInstant();
    Instant usualEnd = now.plus(LIFETIME);
    X509CertificateBuilder builder =
        common(new X500Principal("CN=" + name), keys, now, usualEnd.isBefore(end) ? usualEnd : end)
            .setIssuerDn(authority.certificate().getSubjectX500Principal())
            .setSigningKey(authority.key())
            .addExtension(new BasicConstraintsExtension(true, false, -1))
            .addExtension(new KeyUsageExtension(KeyUsage.digitalSignature))
            .addExtension(new ExtendedKeyUsageExtension(false, List.of(X500.OID_KP_SERVER_AUTH)))
            .addExtension(
                new AuthorityKeyIdentifierExtension(
                    KeyUtil.getKeyIdentifier(authority.certificate().getPublicKey()), null, null))
            .addExtension(
                new SubjectAlternativeNamesExtension(
                    false, names.stream().map(CertificateMaker::generalName).toList()));
    return new KeyedCertificate(List.of(build(builder)), keys.getPrivate());
  }

  private static X509CertificateBuilder common(
      X500Principal subject, KeyPair keys, Instant now, Instant end) {
    return new X509CertificateBuilder()
        .setSubjectDn(subject)
        .setPublicKey(keys.getPublic())
        .setSerialNumber(new BigInteger(SERIAL_NUMBER_BITS, RANDOM).setBit(SERIAL_NUMBER_BITS - 1))
        .setNotValidBefore(now.minus(BEFORE).atZone(ZoneOffset.UTC))
        .setNotValidAfter(end.atZone(ZoneOffset.UTC))
        .setSignatureAlgorithmName(SIGNATURE)
        .addExtension(
            new SubjectKeyIdentifierExtension(KeyUtil.getKeyIdentifier(keys.getPublic())));
  }

  private static X509Certificate build(X509CertificateBuilder builder) {
    try {
      return builder.build();
    } catch (CertificateException e) {
      throw new IllegalStateException("All fields of the certificate are set", e);
    }
  }

  private static GeneralName generalName(String name) {
    return HostNames.isAddress(name)
        ? new GeneralName.IPAddress(address(name))
        : new GeneralName.DNSName(name);
  }

  private static byte[] address(String literal) {
    try {
      return InetAddress.getByName(literal).getAddress(); // asks no name server for a literal
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(literal, e);
    }
  }
}
