package dev.postgresinstance.operator.sql;

import static dev.postgresinstance.operator.sql.HostileServer.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.postgresinstance.operator.management.LogContext;
import dev.postgresinstance.operator.management.LogLines;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server may be hostile, because tenants choose its image. */
class LoginSessionTest {

  private static final LoginSession.Input NOTHING_KNOWN =
      new LoginSession.Input(new Pending(), Set.of(), Set.of());
  private static final String PASSWORD = "the-secret";
  private static final byte[] NOTICE = message('N', "SNOTICE\0M" + "x".repeat(10_000) + "\0\0");
  private static final int CLEAR_TEXT = 3;
  private static final int MD5 = 5;

  @ParameterizedTest
  @ValueSource(ints = {CLEAR_TEXT, MD5})
  void sendsNothingToServerThatAsksForPassword(int method) throws Exception {
    try (ServerSocket server = socket()) {
      // Given
      CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> ask(server, method));

      // When
      LoginResult result = LoginSession.run(request(server), NOTHING_KNOWN);

      // Then
      assertThat(result).isInstanceOf(Unreachable.class);
      assertThat(received.get()).contains("user").doesNotContain(PASSWORD, "md5");
    }
  }

  @Test
  void givesUpOnServerThatNeverAnswers() throws IOException {
    try (ServerSocket silent = socket()) {
      // When: the server accepts the connection and sends nothing
      LoginResult result = LoginSession.run(request(silent), NOTHING_KNOWN);

      // Then
      assertThat(result).isInstanceOf(Unreachable.class);
    }
  }

  @Test
  @Timeout(60)
  void givesUpOnServerThatSendsEndlessly() throws Exception {
    try (HostileServer server = new HostileServer(PASSWORD, NOTICE, Duration.ZERO)) {
      // When
      LoginResult result = LoginSession.run(request(server), NOTHING_KNOWN);

      // Then
      assertThat(result).isEqualTo(new LoggedIn("17.6", ServerFindings.NONE));
      // Bytes that were sent and not read are in buffers of the operating system.
      assertThat(server.sent()).isBetween(2L << 20, 40L << 20);
    }
  }

  @Test
  @Timeout(60)
  void givesUpOnServerThatTakesTooLong() throws Exception {
    try (HostileServer server = new HostileServer(PASSWORD, NOTICE, Duration.ofMillis(100));
        Connection connection = DriverManager.getConnection(url(server), properties("PT5S"));
        Statement statement = connection.createStatement()) {
      // When
      Throwable end = catchThrowable(() -> statement.execute("SELECT 1"));

      // Then
      assertThat(end).hasRootCauseMessage("The server took too long to respond");
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 64000", "2000, 20000"})
  @Timeout(60)
  void closesConnectionWhenLoginNeverCompletes(int pause, long bytes) throws Exception {
    try (HostileServer server =
        new HostileServer(PASSWORD, NOTICE, Duration.ofMillis(pause), false)) {
      // When
      LoginResult result = LoginSession.run(request(server), NOTHING_KNOWN);

      // Then
      assertThat(result).isInstanceOf(Unreachable.class);
      assertThat(server.sent()).isGreaterThanOrEqualTo(bytes);
      assertThat(Thread.getAllStackTraces().keySet())
          .extracting(Thread::getName)
          .noneMatch(name -> name.startsWith("PostgreSQL JDBC driver connection"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"N@\0\0\0", "D\0\0\0\012\0\1@\0\0\0"})
  void rejectsMessageLengthThatWouldExhaustMemory(String invalid) throws Exception {
    byte[] message = invalid.getBytes(UTF_8);
    try (HostileServer server = new HostileServer(PASSWORD, message, Duration.ofMillis(50))) {
      // When: the message may arrive together with the end of the login
      Throwable end = catchThrowable(() -> ask(server));

      // Then
      assertThat(end).rootCause().hasMessageStartingWith("The server declared an invalid length");
    }
  }

  @Test
  void truncatesMessageOfServer() throws Exception {
    byte[] error = message('E', "SFATAL\0C53300\0M" + "x".repeat(20_000) + "\0\0");
    try (HostileServer server = new HostileServer(PASSWORD, error, Duration.ofMillis(50))) {
      // When
      LoginResult result = LoginSession.run(request(server), NOTHING_KNOWN);

      // Then
      assertThat(result.findings().lockedOut())
          .hasValueSatisfying(text -> assertThat(text).hasSize(500));
    }
  }

  @Test
  void logsSameRejectionOfOperatorOnce() throws Exception {
    ResourceID orders = new ResourceID("orders", "shop");
    byte[] error = message('E', "SFATAL\0C53300\0M" + "x".repeat(20_000) + "\0\0");
    try (HostileServer server = new HostileServer(PASSWORD, error, Duration.ofMillis(50));
        LogLines lines = new LogLines(LoginSession.class)) {
      // When
      LoginResult first =
          LogContext.about(orders, () -> LoginSession.run(request(server), NOTHING_KNOWN));
      LoginSession.Input next = new LoginSession.Input(first, Set.of(), Set.of());
      LoginResult second = LogContext.about(orders, () -> LoginSession.run(request(server), next));

      // Then
      assertThat(second).isEqualTo(first);
      assertThat(lines.about(orders))
          .singleElement()
          .satisfies(line -> assertThat(line).contains("FATAL: xxx").hasSizeLessThan(600));
    }
  }

  @Test
  void requestTextContainsNoPassword() throws IOException {
    try (ServerSocket server = socket()) {
      // When
      String text = request(server).toString();

      // Then
      assertThat(text).doesNotContain(PASSWORD);
    }
  }

  private static void ask(HostileServer server) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url(server), properties("PT20S"));
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  private static String url(HostileServer server) {
    return "jdbc:postgresql://%s:%d/app".formatted(server.host(), server.port());
  }

  private static Properties properties(String maxTime) {
    Properties properties = new Properties();
    properties.put("user", "app");
    properties.put("password", PASSWORD);
    properties.put("sslmode", "disable");
    properties.put("assumeMinServerVersion", "15");
    properties.put("socketFactory", BoundedSocketFactory.class.getName());
    properties.put("socketFactoryArg", maxTime);
    return properties;
  }

  /** Reads the start-up packet, requests that authentication, and returns all bytes received. */
  private static String ask(ServerSocket server, int method) {
    try (Socket client = server.accept()) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      ByteArrayOutputStream received = new ByteArrayOutputStream();
      received.write(in.readNBytes(in.readInt() - Integer.BYTES));
      ByteBuffer answer = ByteBuffer.allocate(method == MD5 ? 13 : 9);
      answer.put((byte) 'R').putInt(answer.capacity() - 1).putInt(method);
      client.getOutputStream().write(answer.array());
      received.write(in.readAllBytes());
      return received.toString(UTF_8);
    } catch (IOException e) {
      return "user, and then: " + e;
    }
  }

  private static ServerSocket socket() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  private static LoginRequest request(ServerSocket server) {
    return request(server.getInetAddress().getHostAddress(), server.getLocalPort());
  }

  private static LoginRequest request(HostileServer server) {
    return request(server.host(), server.port());
  }

  private static LoginRequest request(String host, int port) {
    return new LoginRequest(
        "containerd://1",
        host,
        port,
        Optional.empty(),
        "app",
        new Role("app", PASSWORD),
        new Role("pgi_operator", PASSWORD),
        LoginRepair.NONE,
        List.of(new QueryTask()));
  }

  /** Sends one statement. */
  private record QueryTask() implements SessionTask<Boolean> {

    private static final FindingKey<Boolean> ANSWERED = FindingKey.of(Boolean.class);

    @Override
    public FindingKey<Boolean> finding() {
      return ANSWERED;
    }

    @Override
    public Optional<Boolean> run(Session session) throws SQLException {
      try (Statement statement = session.connection().createStatement()) {
        return Optional.of(statement.execute("SELECT 1"));
      }
    }
  }
}
