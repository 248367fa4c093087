package dev.postgresinstance.operator;

import static dev.postgresinstance.operator.MainProcess.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients of the health port cannot occupy threads permanently, and only a few at a time. */
class SlowClientsTest {

  private static final int MANY = 60;

  @TempDir private Path folder;

  private final List<Socket> clients = new ArrayList<>();
  private MainProcess process;
  private int port;

  @BeforeEach
  void start() throws IOException {
    port = MainProcess.closedPort();
    Map<String, String> environment = Map.of("HEALTH_PORT", Integer.toString(port));
    process = MainProcess.start(folder, MainProcess.closedPort(), environment);
    await().atMost(PATIENCE).until(() -> process.output().contains("Waiting for the cluster "));
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
    process.close();
  }

  @Test
  void closesConnectionOfIncompleteRequest() throws Exception {
    // Given
    Socket client = connect();

    // When
    client.getOutputStream().write('G');

    // Then
    client.setSoTimeout(60_000);
    assertThat(client.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void closesConnectionsBeyondTheLimit() throws Exception {
    // Given
    while (clients.size() < MANY) {
      connect();
    }

    // When
    Socket next = connect();

    // Then: immediately, not after the idle timeout
    next.setSoTimeout(20_000);
    assertThat(next.getInputStream().read()).isEqualTo(-1);
  }

  private Socket connect() throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
    clients.add(client);
    return client;
  }
}
