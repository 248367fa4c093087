package dev.postgresinstance.operator.sql.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
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

  private final TlsTrust trust;
  private final CertificateVerifier verifier;

  /** Prepares the handshake of one connection. */
  public TlsHandshake(TlsTrust trust) {
    this.trust = trust;
    this.verifier = new CertificateVerifier(trust.authorities());
  }

  /**
   * Encrypts a connection.
   *
   * @param socket a connection on which nothing was sent
   * @return the encrypted connection; empty if the server offers no TLS
   * @throws TlsNotOfferedException if the server offers no TLS although it is required
   * @throws IOException if the server does not answer as PostgreSQL does
   */
  public Optional<SSLSocket> run(Socket socket) throws IOException {
    socket.getOutputStream().write(REQUEST);
    int answer = socket.getInputStream().read();
    return switch (answer) {
      case 'S' -> Optional.of(encrypt(socket));
      case 'N' -> withoutTls();
      default -> throw new IOException("The server did not answer the request for TLS");
    };
  }

  private Optional<SSLSocket> withoutTls() throws TlsNotOfferedException {
    if (trust.required()) {
      throw new TlsNotOfferedException();
    }
    return Optional.empty();
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
          HexFormat.of().formatHex(hash),
          verifier.fault().or(() -> otherName),
          verifier.isTrusted());
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
}
