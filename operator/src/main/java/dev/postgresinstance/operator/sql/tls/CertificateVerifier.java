package dev.postgresinstance.operator.sql.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Accepts every certificate, and remembers what is wrong with it. */
final class CertificateVerifier extends X509ExtendedTrustManager {

  private static final String X509 = "X.509";

  private final String authorities;
  private Optional<String> fault = Optional.empty();
  private boolean trusted = true;

  /**
   * Verifies certificates with these authorities.
   *
   * @param authorities as PEM
   */
  CertificateVerifier(String authorities) {
    this.authorities = authorities;
  }

  /** What is wrong with the certificate; empty if nothing is. */
  Optional<String> fault() {
    return fault;
  }

  /** Whether a trusted authority has signed it. */
  boolean isTrusted() {
    return trusted;
  }

  private void verify(X509Certificate[] chain) throws CertificateException {
    try {
      validate(chain, Date.from(Instant.now()));
    } catch (CertPathValidatorException e) {
      if (e.getReason() == BasicReason.EXPIRED || e.getReason() == BasicReason.NOT_YET_VALID) {
        boolean isExpired = e.getReason() == BasicReason.EXPIRED;
        fault = Optional.of(isExpired ? "has expired" : "is not valid yet");
        validateInItsTime(chain);
      } else {
        distrust();
      }
    }
  }

  private void validateInItsTime(X509Certificate[] chain) throws CertificateException {
    try {
      validate(chain, chain[0].getNotBefore());
    } catch (CertPathValidatorException e) {
      distrust();
    }
  }

  private void distrust() {
    trusted = false;
    fault = Optional.of("is not signed by an authority that clients trust");
  }

  private void validate(X509Certificate[] chain, Date time)
      throws CertificateException, CertPathValidatorException {
    CertificateFactory factory = CertificateFactory.getInstance(X509);
    try (InputStream pem =
        new ByteArrayInputStream(authorities.getBytes(StandardCharsets.US_ASCII))) {
      if (ValidChains.contain(authorities, chain, time)) {
        return;
      }
      Set<X509Certificate> trusted =
          factory.generateCertificates(pem).stream()
              .map(X509Certificate.class::cast)
              .collect(Collectors.toSet());
      if (trusted.isEmpty()) {
        throw new CertPathValidatorException("No authority is known");
      }
      if (trusted.contains(chain[0])) {
        checkTime(chain[0], time);
        return;
      }
      PKIXParameters parameters =
          new PKIXParameters(
              trusted.stream()
                  .map(authority -> new TrustAnchor(authority, null))
                  .collect(Collectors.toSet()));
      parameters.setRevocationEnabled(false);
      parameters.setDate(time);
      CertPath path = factory.generateCertPath(Arrays.asList(chain));
      CertPathValidator.getInstance("PKIX").validate(path, parameters);
      ValidChains.add(authorities, chain);
    } catch (CertPathValidatorException e) {
      throw e;
    } catch (GeneralSecurityException | IOException e) {
      throw new CertificateException(e);
    }
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

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    verify(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    verify(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    verify(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw new CertificateException("This is a client");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("This is a client");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("This is a client");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
