package dev.postgresinstance.operator.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.postgres.LoginRequest.Role;
import dev.postgresinstance.operator.postgres.LoginResult.Pending;
import dev.postgresinstance.operator.postgres.LoginResult.Unreachable;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands in the place of a server may be anything: a tenant's image is of its own choice. */
class LoginCheckTest {

  private static final String PASSWORD = "the-secret";
  private static final int CLEAR_TEXT = 3;
  private static final int MD5 = 5;

  @ParameterizedTest
  @ValueSource(ints = {CLEAR_TEXT, MD5})
  void serverThatAsksForThePasswordGetsNothing(int way) throws Exception {
    try (ServerSocket server = socket()) {
      // Given
      CompletableFuture<String> heard = CompletableFuture.supplyAsync(() -> ask(server, way));

      // When
      LoginResult result = LoginCheck.of(request(server), new Pending(), Set.of());

      // Then
      assertThat(result).isInstanceOf(Unreachable.class);
      assertThat(heard.get()).contains("user").doesNotContain(PASSWORD, "md5");
    }
  }

  @Test
  void serverThatNeverAnswersIsGivenUp() throws IOException {
    try (ServerSocket silent = socket()) {
      // When: it accepts, and says nothing
      LoginResult result = LoginCheck.of(request(silent), new Pending(), Set.of());

      // Then
      assertThat(result).isInstanceOf(Unreachable.class);
    }
  }

  @Test
  void passwordIsNotInTheWordsOfTheRequest() throws IOException {
    try (ServerSocket server = socket()) {
      // When
      String words = request(server).toString();

      // Then
      assertThat(words).doesNotContain(PASSWORD);
    }
  }

  /** Reads the start-up packet, asks for a password in that way, and gives all that it heard. */
  private static String ask(ServerSocket server, int way) {
    try (Socket client = server.accept()) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      ByteArrayOutputStream heard = new ByteArrayOutputStream();
      heard.write(in.readNBytes(in.readInt() - Integer.BYTES));
      ByteBuffer answer = ByteBuffer.allocate(way == MD5 ? 13 : 9);
      answer.put((byte) 'R').putInt(answer.capacity() - 1).putInt(way);
      client.getOutputStream().write(answer.array());
      heard.write(in.readAllBytes());
      return heard.toString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "user, and then: " + e;
    }
  }

  private static ServerSocket socket() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  private static LoginRequest request(ServerSocket server) {
    return new LoginRequest(
        "containerd://1",
        server.getInetAddress().getHostAddress(),
        server.getLocalPort(),
        "app",
        new Role("app", PASSWORD),
        new Role("pgi_operator", PASSWORD),
        "",
        0,
        new SuperuserAccess.AsItIs(),
        false);
  }
}
