package dev.postgresinstance.operator.sql.tls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXCertPathValidatorResult;
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
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.postgresql.ssl.PGjdbcHostnameVerifier;

/**
 * Finds out who a server is. A certificate of a trusted authority with the name of the server
 * proves that even if it has expired.
 */
final class CertificateVerifier {

  private static final String X509 = "X.509";

  /** The type of an alternative name, RFC 5280, 4.2.1.6. */
  private static final int DNS_NAME = 2;

  private final TlsTrust trust;
  private final X509Certificate[] chain;

  /** From the certificate to the authority, once it is found. */
  private List<X509Certificate> path = List.of();

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
      fingerprints.add(fingerprint(certificate));
    }
    String authorities = fingerprint(trust.authorities().getBytes(StandardCharsets.US_ASCII));
    VerifiedServers.Presented presented =
        new VerifiedServers.Presented(authorities, trust.host(), fingerprints);
    if (VerifiedServers.contain(presented, Instant.now())) {
      return ServerIdentity.trusted(fingerprints.getFirst(), Optional.empty());
    }
    CertificateVerifier verifier = new CertificateVerifier(trust, parse(encoded));
    ServerIdentity identity = verifier.identity(fingerprints.getFirst());
    if (identity.trusted() && identity.fault().isEmpty()) {
      VerifiedServers.add(presented, verifier.path);
    }
    return identity;
  }

  private static String fingerprint(byte[] bytes) throws GeneralSecurityException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
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
    if (!containsName()) {
      // Other servers may have certificates of the same authority.
      String fault = "does not contain the name " + trust.host();
      return new ServerIdentity(fingerprint, Optional.of(fault), false);
    }
    Instant now = Instant.now();
    if (now.isAfter(chain[0].getNotAfter().toInstant())) {
      return inItsTime(fingerprint, "has expired");
    }
    if (now.isBefore(chain[0].getNotBefore().toInstant())) {
      return inItsTime(fingerprint, "is not valid yet");
    }
    try {
      validate(now, authority -> isValid(authority, now));
      return ServerIdentity.trusted(fingerprint, Optional.empty());
    } catch (CertPathValidatorException e) {
      return inItsTime(fingerprint, "is signed by an authority that is not valid now");
    }
  }

  /** Whether it was trusted but for that fault when it was issued. */
  private ServerIdentity inItsTime(String fingerprint, String fault)
      throws GeneralSecurityException {
    try {
      validate(chain[0].getNotBefore().toInstant(), authority -> true);
      return ServerIdentity.trusted(fingerprint, Optional.of(fault));
    } catch (CertPathValidatorException e) {
      return new ServerIdentity(
          fingerprint, Optional.of("is not signed by an authority that clients trust"), false);
    }
  }

  /** The JDK does not check when an authority is valid; OpenSSL does. */
  private void validate(Instant time, Predicate<X509Certificate> accepts)
      throws GeneralSecurityException {
    CertificateFactory factory = CertificateFactory.getInstance(X509);
    Set<X509Certificate> authorities =
        factory
            .generateCertificates(
                new ByteArrayInputStream(trust.authorities().getBytes(StandardCharsets.US_ASCII)))
            .stream()
            .map(X509Certificate.class::cast)
            .filter(accepts)
            .collect(Collectors.toSet());
    if (authorities.isEmpty()) {
      throw new CertPathValidatorException("No authority is known");
    }
    if (authorities.contains(chain[0])) { // a certificate that is trusted itself has no path
      path = List.of(chain[0]);
      return;
    }
    PKIXParameters parameters =
        new PKIXParameters(
            authorities.stream()
                .map(authority -> new TrustAnchor(authority, null))
                .collect(Collectors.toSet()));
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(time));
    PKIXCertPathValidatorResult result =
        (PKIXCertPathValidatorResult)
            CertPathValidator.getInstance("PKIX")
                .validate(factory.generateCertPath(Arrays.asList(chain)), parameters);
    path = new ArrayList<>(Arrays.asList(chain));
    path.add(result.getTrustAnchor().getTrustedCert());
  }

  private static boolean isValid(X509Certificate certificate, Instant time) {
    return !time.isBefore(certificate.getNotBefore().toInstant())
        && !time.isAfter(certificate.getNotAfter().toInstant());
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
