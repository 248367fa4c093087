package dev.postgresinstance.operator.feature.tls.certificate;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.wildfly.security.x500.X500;

/**
 * What is wrong with the certificate of a user. PostgreSQL starts with no certificate that its
 * OpenSSL rejects, and after a reload it presents the former one without a word; so each of these
 * faults has to be found before.
 */
public final class CertificateCheck {

  /**
   * OpenSSL's security level 2, the default of Debian, rejects less (SSL_CTX_set_security_level).
   */
  private static final int MIN_RSA_BITS = 2048;

  /** Each signature takes seconds with 16,384 bits: in each login and in each reconciliation. */
  private static final int MAX_RSA_BITS = 8192;

  /** Also rejected at that level, except in the self-signed certificate of an authority. */
  private static final Pattern WEAK_SIGNATURE = Pattern.compile("(?i)(MD[245]|SHA-?1)with.*");

  private static final String RSA = "RSA";

  private final List<X509Certificate> chain;
  private final Instant now;

  /**
   * A check of certificates at a time.
   *
   * @param chain the certificate of the server, then those of the authorities, at least one
   */
  public CertificateCheck(List<X509Certificate> chain, Instant now) {
    this.chain = chain;
    this.now = now;
  }

  /**
   * The first fault, as the rest of a sentence that begins with the certificate's Secret; empty if
   * servers can present the certificate and clients that trust the authorities accept it.
   *
   * @param key the private key; empty if it could not be read
   * @param trusted the authorities of clients; none if they are not known
   */
  public Optional<String> fault(Optional<PrivateKey> key, List<X509Certificate> trusted) {
    return Stream.<Supplier<Optional<String>>>of(
            this::kind,
            this::strength, // before anything is signed or verified
            () -> pair(key),
            this::time,
            this::usage,
            () -> path(trusted))
        .map(Supplier::get)
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** With Ed25519, libpq cannot bind the login to the channel. */
  private Optional<String> kind() {
    String algorithm = chain.getFirst().getPublicKey().getAlgorithm();
    return algorithm.equals(RSA) || algorithm.equals("EC")
        ? Optional.empty()
        : Optional.of(
            "has a certificate with a key of kind %s; libpq needs RSA or ECDSA to bind a login to its connection"
                .formatted(algorithm));
  }

  private Optional<String> pair(Optional<PrivateKey> key) {
    if (key.isEmpty()) {
      return Optional.of(
          "contains no %s key in tls.key that can be read without a passphrase"
              .formatted(chain.getFirst().getPublicKey().getAlgorithm()));
    }
    return new KeyedCertificate(chain, key.get()).isPair()
        ? Optional.empty()
        : Optional.of("contains a private key in tls.key that does not belong to the certificate");
  }

  private Optional<String> strength() {
    return chain.stream().flatMap(certificate -> weakness(certificate).stream()).findFirst();
  }

  private static Optional<String> weakness(X509Certificate certificate) {
    if (certificate.getPublicKey() instanceof RSAKey rsa) {
      int bits = rsa.getModulus().bitLength();
      if (bits < MIN_RSA_BITS) {
        return Optional.of(
            "contains an RSA key of %d bits; OpenSSL requires %d".formatted(bits, MIN_RSA_BITS));
      }
      if (bits > MAX_RSA_BITS) {
        return Optional.of(
            "contains an RSA key of %d bits; the operator accepts at most %d, because each login takes long with a larger one"
                .formatted(bits, MAX_RSA_BITS));
      }
    }
    boolean isRoot =
        certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    return WEAK_SIGNATURE.matcher(certificate.getSigAlgName()).matches() && !isRoot
        ? Optional.of(
            "contains a certificate that is signed with %s, which OpenSSL rejects"
                .formatted(certificate.getSigAlgName()))
        : Optional.empty();
  }

  private Optional<String> time() {
    return chain.stream()
        .flatMap(
            certificate -> {
              Instant start = certificate.getNotBefore().toInstant();
              Instant end = certificate.getNotAfter().toInstant();
              return end.isAfter(now)
                  ? start.isAfter(now)
                      ? Stream.of("contains a certificate that is valid only from " + start + " on")
                      : Stream.empty()
                  : Stream.of("contains a certificate that expired at " + end);
            })
        .findFirst();
  }

  private Optional<String> usage() {
    X509Certificate certificate = chain.getFirst();
    try {
      List<String> purposes = certificate.getExtendedKeyUsage();
      boolean[] usages = certificate.getKeyUsage(); // the first is digitalSignature
      return (purposes == null || purposes.contains(X500.OID_KP_SERVER_AUTH))
              && (usages == null || usages[0])
          ? Optional.empty()
          : Optional.of(
              "has a certificate that is not for servers: it lacks the key usage digitalSignature or serverAuth");
    } catch (CertificateParsingException e) {
      return Optional.of("has a certificate whose key usage cannot be read");
    }
  }

  private Optional<String> path(List<X509Certificate> trusted) {
    for (int i = 1; i < chain.size(); i++) {
      if (!isSigned(chain.get(i - 1), chain.get(i))) {
        return Optional.of(
            "contains certificates in tls.crt of which number %d has not signed number %d; each must be followed by that of its authority"
                .formatted(i + 1, i));
      }
    }
    return trusted.isEmpty() || leadsTo(trusted)
        ? Optional.empty()
        : Optional.of(
            "has a certificate that does not lead to one in ca.crt; tls.crt must also contain the certificates of the authorities in between (%s issued the last one)"
                .formatted(chain.getLast().getIssuerX500Principal().getName()));
  }

  private static boolean isSigned(X509Certificate certificate, X509Certificate authority) {
    try {
      certificate.verify(authority.getPublicKey());
      return certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private boolean leadsTo(List<X509Certificate> trusted) {
    if (trusted.contains(chain.getFirst())) {
      return true; // signed by itself
    }
    try {
      PKIXParameters parameters =
          new PKIXParameters(
              trusted.stream()
                  .map(authority -> new TrustAnchor(authority, null))
                  .collect(Collectors.toSet()));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
      return true;
    } catch (CertificateException e) {
      throw new IllegalStateException("These certificates were decoded", e);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
