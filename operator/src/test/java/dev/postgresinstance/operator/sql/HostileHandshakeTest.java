package dev.postgresinstance.operator.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.postgresinstance.operator.feature.tls.TestCertificates;
import dev.postgresinstance.operator.sql.tls.ConnectionContext;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Instant;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGProperty;

/**
 * A server may keep the operator busy below the driver. The operator tries a connection again with
 * the JDK's TLS when a handshake with BoringSSL fails: a server can choose between the two.
 */
@EnabledOnOs(
    value = OS.LINUX,
    architectures = {"amd64", "aarch64"})
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD) // no interrupt ends a write
class HostileHandshakeTest {

  private static final int SSL_REQUEST = 8;
  private static final int SMALL_BUFFER = 4096;
  private static final String TOO_LONG = "The server took too long to respond";

  /** Records of TLS 1.2 with one byte of a handshake each: RFC 8446, 5.1. */
  private static final byte[] FRAGMENT = {22, 3, 3, 0, 1, 0};

  /** The beginning of a ServerHello of 100,000 bytes, nearly as many as BoringSSL accepts. */
  private static final byte[] BEGINNING = {22, 3, 3, 0, 4, 2, 1, (byte) 0x86, (byte) 0xa0};

  /** RFC 8446, 6.2. */
  private static final byte[] HANDSHAKE_FAILURE = {21, 3, 3, 0, 2, 2, 40};

  private final TestCertificates certificates =
      TestCertificates.issue(TlsClients.HOST, Instant.now());
  private final AtomicInteger connections = new AtomicInteger();
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  @Test
  void countsBytesOfHandshakeWithoutEnd() {
    // Given
    serve(false, socket -> sendFragments(socket.getOutputStream(), BEGINNING, 0));

    // When
    Throwable end = connect();

    // Then
    assertThat(end).hasRootCauseMessage("The server sent more bytes than allowed");
    assertThat(connections).hasValue(1);
  }

  @Test
  void jdkRejectsLengthOfHandshakeWithoutEnd() {
    // Given
    serve(true, socket -> sendFragments(socket.getOutputStream(), BEGINNING, 0));

    // When
    Throwable end = connect();

    // Then
    assertThat(end)
        .rootCause()
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("exceeds the maximum allowed size");
    assertThat(connections).hasValue(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void limitsTimeOfSlowHandshake(boolean withJdk) {
    // Given: a length that both accept
    byte[] beginning = {22, 3, 3, 0, 4, 2, 0, 0x40, 0};
    serve(withJdk, socket -> sendFragments(socket.getOutputStream(), beginning, 100));

    // When
    Throwable end = connect();

    // Then: the reader or the deadline notices first
    assertThat(end).rootCause().message().isIn(TOO_LONG, "Socket closed");
    assertThat(connections).hasValue(withJdk ? 2 : 1);
  }

  /** Each request makes the operator answer on the thread that reads; nobody reads the answers. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void endsAnswersToRequestsForOtherKeysWithoutEnd(boolean withJdk) throws IOException {
    // Given: buffers that fill before the server has sent more than allowed
    server.setReceiveBufferSize(SMALL_BUFFER);
    serve(withJdk, this::askForOtherKeys);

    // When
    Throwable end = connect();

    // Then
    assertThat(end).hasRootCauseMessage(TOO_LONG);
    assertThat(connections).hasValue(withJdk ? 2 : 1);
  }

  private void askForOtherKeys(Socket socket) throws IOException {
    SSLSocket encrypted = certificates.accept(socket);
    while (true) {
      encrypted.startHandshake(); // in TLS 1.3, after the first one: KeyUpdate
    }
  }

  private static void sendFragments(OutputStream out, byte[] beginning, int pauseMillis)
      throws IOException {
    out.write('S');
    out.write(beginning);
    while (true) {
      out.write(FRAGMENT);
      LockSupport.parkNanos(pauseMillis * 1_000_000L); // the server is slow
    }
  }

  private interface Answer {
    void to(Socket socket) throws IOException;
  }

  /** Answers each connection; the first one with a failure if the JDK is to try again. */
  private void serve(boolean withJdk, Answer answer) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                  socket.getInputStream().readNBytes(SSL_REQUEST);
                  if (connections.incrementAndGet() == 1 && withJdk) {
                    socket.getOutputStream().write('S');
                    socket.getOutputStream().write(HANDSHAKE_FAILURE);
                    socket.getInputStream().readAllBytes();
                  } else {
                    answer.to(socket);
                  }
                } catch (IOException e) {
                  // The client closed the connection.
                }
              }
            });
  }

  private Throwable connect() {
    Properties properties = TlsClients.properties(server.getLocalPort());
    PGProperty.SEND_BUFFER_SIZE.set(properties, SMALL_BUFFER);
    return catchThrowable(
        () -> new ConnectionContext(TlsClients.trust(certificates)).connect(properties));
  }
}
