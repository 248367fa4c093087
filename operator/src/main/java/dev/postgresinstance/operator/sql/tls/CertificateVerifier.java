package dev.postgresinstance.operator.sql.tls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.ssl.PGjdbcHostnameVerifier;

/**
 * Finds out who a server is. A certificate of a trusted authority proves that even if it has
 * expired or lacks a name.
 */
final class CertificateVerifier {

  private static final String X509 = "X.509";

  /** The type of an alternative name, RFC 5280, 4.2.1.6. */
  private static final int DNS_NAME = 2;

  private final TlsTrust trust;
  private final X509Certificate[] chain;

  private CertificateVerifier(TlsTrust trust, X509Certificate[] chain) {
    this.trust = trust;
    this.chain = chain;
  }

  /**
   * Verifies a certificate, unless it was found to be valid before: a server presents the same one
   * at each login.
   *
   * @param encoded the certificate, and those of the authorities between, if any, as DER
   * @throws GeneralSecurityException if they are no certificates
   */
  static ServerIdentity verify(TlsTrust trust, List<byte[]> encoded)
      throws GeneralSecurityException {
    List<String> fingerprints = new ArrayList<>();
    for (byte[] certificate : encoded) {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate);
      fingerprints.add(HexFormat.of().formatHex(hash));
    }
    VerifiedServers.Presented presented =
        new VerifiedServers.Presented(trust.authorities(), trust.host(), fingerprints);
    if (VerifiedServers.contain(presented, Instant.now())) {
      return ServerIdentity.trusted(fingerprints.getFirst(), Optional.empty());
    }
    X509Certificate[] chain = parse(encoded);
    ServerIdentity identity =
        new CertificateVerifier(trust, chain).identity(fingerprints.getFirst());
    if (identity.trusted() && identity.fault().isEmpty()) {
      VerifiedServers.add(presented, chain);
    }
    return identity;
  }

  private static X509Certificate[] parse(List<byte[]> encoded) throws CertificateException {
    CertificateFactory factory = CertificateFactory.getInstance(X509);
    List<X509Certificate> chain = new ArrayList<>();
    for (byte[] certificate : encoded) {
      chain.add(
          (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(certificate)));
    }
    return chain.toArray(X509Certificate[]::new);
  }

  private ServerIdentity identity(String fingerprint) throws GeneralSecurityException {
    Optional<String> otherName =
        containsName()
            ? Optional.empty()
            : Optional.of("does not contain the name " + trust.host());
    try {
      validate(Date.from(Instant.now()));
      return ServerIdentity.trusted(fingerprint, otherName);
    } catch (CertPathValidatorException e) {
      String fault = e.getReason() == BasicReason.EXPIRED ? "has expired" : "is not valid yet";
      return isTrustedInItsTime(e)
          ? ServerIdentity.trusted(fingerprint, Optional.of(fault))
          : new ServerIdentity(
              fingerprint, Optional.of("is not signed by an authority that clients trust"), false);
    }
  }

  private boolean isTrustedInItsTime(CertPathValidatorException failure)
      throws GeneralSecurityException {
    if (failure.getReason() != BasicReason.EXPIRED
        && failure.getReason() != BasicReason.NOT_YET_VALID) {
      return false;
    }
    try {
      validate(chain[0].getNotBefore());
      return true;
    } catch (CertPathValidatorException e) {
      return false;
    }
  }

  private void validate(Date time) throws GeneralSecurityException {
    CertificateFactory factory = CertificateFactory.getInstance(X509);
    Set<X509Certificate> authorities =
        factory
            .generateCertificates(
                new ByteArrayInputStream(trust.authorities().getBytes(StandardCharsets.US_ASCII)))
            .stream()
            .map(X509Certificate.class::cast)
            .collect(Collectors.toSet());
    if (authorities.isEmpty()) {
      throw new CertPathValidatorException("No authority is known");
    }
    if (authorities.contains(chain[0])) {
      checkTime(chain[0], time);
      return;
    }
    PKIXParameters parameters =
        new PKIXParameters(
            authorities.stream()
                .map(authority -> new TrustAnchor(authority, null))
                .collect(Collectors.toSet()));
    parameters.setRevocationEnabled(false);
    parameters.setDate(time);
    CertPathValidator.getInstance("PKIX")
        .validate(factory.generateCertPath(Arrays.asList(chain)), parameters);
  }

  /** A certificate that is trusted itself has no path. */
  private static void checkTime(X509Certificate certificate, Date time)
      throws CertPathValidatorException {
    try {
      certificate.checkValidity(time);
    } catch (CertificateExpiredException e) {
      throw new CertPathValidatorException(null, e, null, -1, BasicReason.EXPIRED);
    } catch (CertificateNotYetValidException e) {
      throw new CertPathValidatorException(null, e, null, -1, BasicReason.NOT_YET_VALID);
    }
  }

  private boolean containsName() throws CertificateParsingException {
    return Optional.ofNullable(chain[0].getSubjectAlternativeNames()).stream()
        .flatMap(Collection::stream)
        .filter(name -> name.get(0).equals(DNS_NAME))
        .anyMatch(
            name ->
                PGjdbcHostnameVerifier.INSTANCE.verifyHostName(trust.host(), (String) name.get(1)));
  }
}
