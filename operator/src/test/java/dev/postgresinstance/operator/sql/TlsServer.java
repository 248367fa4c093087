package dev.postgresinstance.operator.sql;

import static dev.postgresinstance.operator.sql.HostileServer.message;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postgresinstance.operator.feature.tls.TestCertificates;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A server with a certificate. It knows the verifiers of the roles and answers no statement. */
final class TlsServer implements AutoCloseable {

  private static final int SSL_REQUEST = 8;
  private static final byte[] REJECTION =
      message('E', "SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed\0\0");

  private final ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final TestCertificates certificates;
  private final String password;
  private final String rejected;

  /**
   * Starts the server.
   *
   * @param password of the roles
   * @param rejected the role whose login it rejects
   */
  TlsServer(TestCertificates certificates, String password, String rejected) throws IOException {
    this.certificates = certificates;
    this.password = password;
    this.rejected = rejected;
    Thread.ofVirtual().start(this::serve);
  }

  int port() {
    return socket.getLocalPort();
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket client = socket.accept()) {
        client.getInputStream().readNBytes(SSL_REQUEST);
        serve(certificates.accept(client));
      } catch (IOException e) {
        // The client closed the connection.
      }
    }
  }

  private void serve(Socket client) throws IOException {
    DataInputStream in = new DataInputStream(client.getInputStream());
    OutputStream out = client.getOutputStream();
    String startUp = new String(in.readNBytes(in.readInt() - Integer.BYTES), UTF_8);
    if (startUp.contains("user\0" + rejected + "\0")) {
      out.write(REJECTION);
    } else {
      ScramLogin.accept(in, out, password);
      out.write(message('Z', "I"));
    }
    in.readAllBytes();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
