package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.NewPasswords.Purpose;
import dev.postgresinstance.operator.feature.tls.certificate.CertificateMaker;
import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A certificate for tests, with its authority.
 *
 * @param authorities what clients trust, as PEM
 * @param fingerprint SHA-256 fingerprint of the certificate
 * @param server the TLS of a server with the certificate
 */
public record TestCertificates(String authorities, String fingerprint, SSLContext server) {

  /** A certificate for that host that was issued at that time. */
  public static TestCertificates issue(String host, Instant time) {
    return issue(host, time, new NewPasswords().keys(Purpose.CERTIFICATE));
  }

  /** The same with other keys than those of the operator. */
  public static TestCertificates issue(String host, Instant time, KeyPair keys) {
    KeyedCertificate authority =
        CertificateMaker.authority(
            "test", new NewPasswords().keys(Purpose.CERTIFICATE_AUTHORITY), time);
    KeyedCertificate certificate =
        CertificateMaker.server(host, List.of(host), authority, keys, time);
    return new TestCertificates(
        Pem.of(authority.chain()), certificate.fingerprint(), context(certificate));
  }

  /** The server's side of a connection whose client has asked for TLS. */
  public SSLSocket accept(Socket client) throws IOException {
    client.getOutputStream().write('S');
    SSLSocket encrypted =
        (SSLSocket) server.getSocketFactory().createSocket(client, null, client.getPort(), true);
    encrypted.setUseClientMode(false);
    encrypted.startHandshake();
    return encrypted;
  }

  private static SSLContext context(KeyedCertificate certificate) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setKeyEntry(
          "server",
          certificate.key(),
          new char[0],
          certificate.chain().toArray(Certificate[]::new));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
