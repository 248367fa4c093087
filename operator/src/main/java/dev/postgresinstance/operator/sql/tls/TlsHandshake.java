package dev.postgresinstance.operator.sql.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertPath;
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
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.postgresql.ssl.PGjdbcHostnameVerifier;

/**
 * Asks a server for TLS and verifies its certificate. A certificate of a trusted authority proves
 * who the server is even if it has expired or lacks a name. The connection is made with any
 * certificate, so that the operator can have the server load a better one, and the fault is
 * reported; what else the operator does over it depends on {@link ServerIdentity#trusted}.
 */
public final class TlsHandshake {

  /** PostgreSQL's documentation, "Message Formats", SSLRequest: the length, and the code. */
  private static final byte[] REQUEST =
      ByteBuffer.allocate(2 * Integer.BYTES).putInt(8).putInt(80877103).array();

  /** The type of an alternative name, RFC 5280, 4.2.1.6. */
  private static final int DNS_NAME = 2;

  private static final String X509 = "X.509";

  private final TlsTrust trust;
  private final Verifier verifier;

  /** Prepares the handshake of one connection. */
  public TlsHandshake(TlsTrust trust) {
    this.trust = trust;
    this.verifier = new Verifier(trust.authorities());
  }

  /**
   * Encrypts a connection.
   *
   * @param socket a connection on which nothing was sent
   * @return the encrypted connection; empty if the server offers no TLS
   * @throws IOException if the server does not answer as PostgreSQL does
   */
  public Optional<SSLSocket> run(Socket socket) throws IOException {
    socket.getOutputStream().write(REQUEST);
    int answer = socket.getInputStream().read();
    return switch (answer) {
      case 'S' -> Optional.of(encrypt(socket));
      case 'N' -> Optional.empty();
      default -> throw new IOException("The server did not answer the request for TLS");
    };
  }

  private SSLSocket encrypt(Socket socket) throws IOException {
    SSLContext context;
    try {
      context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {verifier}, null);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has TLS", e);
    }
    SSLSocket encrypted =
        (SSLSocket)
            context.getSocketFactory().createSocket(socket, trust.host(), socket.getPort(), true);
    encrypted.startHandshake();
    return encrypted;
  }

  /** Who the server is, once the handshake has succeeded. */
  public ServerIdentity identity(SSLSocket encrypted) throws IOException {
    X509Certificate leaf = (X509Certificate) encrypted.getSession().getPeerCertificates()[0];
    try {
      Optional<String> otherName =
          contains(leaf, trust.host())
              ? Optional.empty()
              : Optional.of("does not contain the name " + trust.host());
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded());
      return new ServerIdentity(
          HexFormat.of().formatHex(hash), verifier.fault.or(() -> otherName), verifier.trusted);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static boolean contains(X509Certificate leaf, String host)
      throws CertificateParsingException {
    return Optional.ofNullable(leaf.getSubjectAlternativeNames()).stream()
        .flatMap(Collection::stream)
        .filter(name -> name.get(0).equals(DNS_NAME))
        .anyMatch(
            name -> PGjdbcHostnameVerifier.INSTANCE.verifyHostName(host, (String) name.get(1)));
  }

  /** Accepts every certificate, and remembers what is wrong with it. */
  private static final class Verifier extends X509ExtendedTrustManager {

    private final String authorities;
    private Optional<String> fault = Optional.empty();
    private boolean trusted = true;

    private Verifier(String authorities) {
      this.authorities = authorities;
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
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
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
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("This is a client");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
