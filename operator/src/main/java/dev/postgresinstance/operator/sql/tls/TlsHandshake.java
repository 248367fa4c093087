package dev.postgresinstance.operator.sql.tls;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLEngine;

/**
 * Asks a server for TLS and verifies its certificate. A certificate of a trusted authority proves
 * who the server is even if it has expired or lacks a name. The connection is made with any
 * certificate, so that the operator can have the server load a better one, and the fault is
 * reported; what else the operator does over it depends on {@link ServerIdentity#trusted}.
 */
final class TlsHandshake {

  /** PostgreSQL's documentation, "Message Formats", SSLRequest: the length, and the code. */
  private static final byte[] REQUEST =
      ByteBuffer.allocate(2 * Integer.BYTES).putInt(8).putInt(80877103).array();

  private final TlsTrust trust;
  private final TlsEngines engines;

  /** Prepares the handshake of one connection. */
  TlsHandshake(TlsTrust trust, TlsEngines engines) {
    this.trust = trust;
    this.engines = engines;
  }

  /**
   * Encrypts a connection.
   *
   * @param socket a connection on which nothing was sent
   * @return the encrypted connection; empty if the server offers no TLS
   * @throws TlsNotOfferedException if the server offers no TLS although it is required
   * @throws IOException if the server does not answer as PostgreSQL does
   */
  Optional<TlsConnection> run(Socket socket) throws IOException {
    socket.getOutputStream().write(REQUEST);
    InputStream in = socket.getInputStream();
    int answer = in.read();
    return switch (answer) {
      case 'S' -> Optional.of(encrypt(socket, in));
      case 'N' -> withoutTls();
      default -> throw new IOException("The server did not answer the request for TLS");
    };
  }

  private Optional<TlsConnection> withoutTls() throws TlsNotOfferedException {
    if (trust.required()) {
      throw new TlsNotOfferedException();
    }
    return Optional.empty();
  }

  private TlsConnection encrypt(Socket socket, InputStream in) throws IOException {
    SSLEngine engine = engines.create(trust.host(), socket.getPort());
    TlsConnection encrypted = new TlsConnection(engine, in, socket.getOutputStream());
    try {
      encrypted.handshake();
    } catch (IOException | RuntimeException e) {
      encrypted.close();
      throw e;
    }
    return encrypted;
  }

  /** Who the server is, once the handshake has succeeded. */
  ServerIdentity identity(TlsConnection encrypted) throws IOException {
    try {
      return CertificateVerifier.verify(trust, encrypted.certificates());
    } catch (GeneralSecurityException e) {
      encrypted.close();
      throw new IOException(e);
    } catch (IOException | RuntimeException e) {
      encrypted.close();
      throw e;
    }
  }
}
