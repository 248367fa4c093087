package dev.postgresinstance.operator.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.feature.tls.TestCertificates;
import dev.postgresinstance.operator.sql.tls.ConnectionContext;
import dev.postgresinstance.operator.sql.tls.ServerIdentity;
import dev.postgresinstance.operator.sql.tls.TlsTrust;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the operator accepts of a server that offers TLS, or pretends to. */
class TlsHandshakeTest {

  private static final String HOST = TlsClients.HOST;
  private static final int SSL_REQUEST = 8;

  private final TestCertificates valid = TestCertificates.issue(HOST, Instant.now());
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
  void identifiesServerWithValidCertificate() {
    // Given
    serve(valid);

    // When
    ConnectionContext context = connect(valid);

    // Then
    assertThat(context.identity())
        .contains(ServerIdentity.trusted(valid.fingerprint(), Optional.empty()));
  }

  /** BoringSSL does not know them. */
  @ParameterizedTest
  @CsvSource({"EC, secp521r1", "RSASSA-PSS, "})
  void identifiesServerWithKeyThatOnlyTheJdkKnows(String algorithm, String curve)
      throws GeneralSecurityException {
    // Given
    KeyPairGenerator keys = KeyPairGenerator.getInstance(algorithm);
    if (curve != null) {
      keys.initialize(new ECGenParameterSpec(curve));
    }
    TestCertificates rare = TestCertificates.issue(HOST, Instant.now(), keys.generateKeyPair());
    serve(rare);

    // When
    ConnectionContext context = connect(rare);

    // Then
    assertThat(context.identity())
        .contains(ServerIdentity.trusted(rare.fingerprint(), Optional.empty()));
  }

  @Test
  void reportsExpiredCertificateOfTrustedAuthority() {
    // Given
    TestCertificates expired =
        TestCertificates.issue(HOST, Instant.now().minus(Duration.ofDays(91)));
    serve(expired);

    // When
    ConnectionContext context = connect(expired);

    // Then
    assertThat(context.identity())
        .contains(ServerIdentity.trusted(expired.fingerprint(), Optional.of("has expired")));
  }

  @Test
  void reportsCertificateThatIsNotValidYet() {
    // Given
    TestCertificates early = TestCertificates.issue(HOST, Instant.now().plus(Duration.ofDays(1)));
    serve(early);

    // When
    ConnectionContext context = connect(early);

    // Then
    assertThat(context.identity().flatMap(ServerIdentity::fault)).contains("is not valid yet");
  }

  /** Other servers may have certificates of the same authority. */
  @Test
  void distrustsCertificateForOtherName() {
    // Given
    TestCertificates other = TestCertificates.issue("till.shop.svc", Instant.now());
    serve(other);

    // When
    ConnectionContext context = connect(other);

    // Then
    ServerIdentity identity = context.identity().orElseThrow();
    assertThat(identity.trusted()).isFalse();
    assertThat(identity.fault()).contains("does not contain the name " + HOST);
  }

  @Test
  void distrustsCertificateOfOtherAuthority() {
    // Given
    serve(TestCertificates.issue(HOST, Instant.now()));

    // When
    ConnectionContext context = connect(valid);

    // Then
    ServerIdentity identity = context.identity().orElseThrow();
    assertThat(identity.trusted()).isFalse();
    assertThat(identity.fault()).contains("is not signed by an authority that clients trust");
  }

  @Test
  void connectsWithoutTlsToServerThatOffersNone() {
    // Given
    answer(socket -> socket.getOutputStream().write('N'));

    // When
    ConnectionContext context = connect(valid);

    // Then
    assertThat(context.identity()).isEmpty();
  }

  @Test
  void sendsNothingWithoutTlsToServerThatRequiresIt() {
    // Given
    CompletableFuture<Integer> next = new CompletableFuture<>();
    answer(
        socket -> {
          socket.getOutputStream().write('N');
          next.complete(socket.getInputStream().read());
        });
    LoginRequest request =
        new LoginRequest(
            "containerd://1",
            "127.0.0.1",
            server.getLocalPort(),
            Optional.of(new TlsTrust(valid.authorities(), HOST, true)),
            "app",
            new Role("app", "secret"),
            new Role("pgi_operator", "secret"),
            (session, database, role, rejected) -> false,
            List.of());

    // When
    LoginResult result =
        LoginSession.run(
            request, new LoginSession.Input(new LoginResult.Pending(), Set.of(), Set.of()));

    // Then
    assertThat(result).isEqualTo(new LoginResult.Unreachable("The server offers no TLS."));
    assertThat(next.join()).as("the connection has ended").isEqualTo(-1);
  }

  @Test
  void rejectsAnswerThatPostgresNeverGives() {
    // Given
    answer(socket -> socket.getOutputStream().write('E'));

    // Then
    assertThatThrownBy(
            () ->
                new ConnectionContext(TlsClients.trust(valid))
                    .connect(TlsClients.properties(server.getLocalPort())))
        .hasStackTraceContaining("The server did not answer the request for TLS");
  }

  /** Completes the handshake, then ends the connection: the driver gets no answer to its login. */
  private void serve(TestCertificates certificates) {
    answer(certificates::accept);
  }

  private interface Answer {
    void to(Socket socket) throws IOException;
  }

  private void answer(Answer answer) {
    CompletableFuture<Void> unused =
        CompletableFuture.runAsync(
            () -> {
              try {
                acceptAll(answer);
              } catch (IOException e) { // the client has ended the connection
                throw new UncheckedIOException(e);
              }
            });
  }

  /** Until the client ends one without a failure of the handshake. */
  private void acceptAll(Answer answer) throws IOException {
    boolean isRejected;
    do {
      isRejected = false;
      try (Socket socket = server.accept()) {
        socket.getInputStream().readNBytes(SSL_REQUEST);
        answer.to(socket);
      } catch (SSLException e) {
        isRejected = true;
      }
    } while (isRejected);
  }

  private ConnectionContext connect(TestCertificates certificates) {
    ConnectionContext context = new ConnectionContext(TlsClients.trust(certificates));
    assertThatThrownBy(() -> context.connect(TlsClients.properties(server.getLocalPort())))
        .isInstanceOf(SQLException.class);
    return context;
  }
}
