package dev.postgresinstance.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpHandlers;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the process ends when it cannot begin: with 2 and a line that says why. */
class MainTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void badConfigurationIsSaidInOneLine() throws Exception {
    // Given
    Map<String, String> environment = Map.of("LOG_LEVEL", "loud");

    // When
    Ended ended = run(environment);

    // Then
    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.lines())
        .singleElement()
        .asString()
        .startsWith("cannot start: LOG_LEVEL: \"loud\" is ");
  }

  @Test
  void clusterThatDoesNotAnswerIsNamedAndWaitedFor() throws Exception {
    // Given
    int port = closedPort();
    int health = closedPort();
    String cluster = "http://127.0.0.1:%d/".formatted(port);
    Process process =
        start(Map.of("KUBECONFIG", kubeconfig(cluster), "HEALTH_PORT", Integer.toString(health)));
    try {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(Files.readString(output()))
                      .contains("waiting for the cluster at %s: ".formatted(cluster)));
      assertThat(status(health, "/livez")).isEqualTo(200);
      assertThat(status(health, "/readyz")).isEqualTo(503);

      // When
      HttpServer server = answering(port, 404);

      // Then
      Ended ended = end(process);
      server.stop(0);
      assertThat(ended.lastLine()).startsWith("cannot start: the cluster at ");
      assertThat(ended.lines()).filteredOn(line -> line.contains("waiting")).hasSize(1);
      assertThat(ended.lines()).noneMatch(line -> line.startsWith("\tat "));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void logIsOfTheFormThatIsAskedFor() throws Exception {
    // Given
    HttpServer server = answering(0, 404);
    String cluster = "http://127.0.0.1:%d/".formatted(server.getAddress().getPort());

    // When
    Ended ended =
        run(Map.of("KUBECONFIG", kubeconfig(cluster), "HEALTH_PORT", "0", "LOG_FORMAT", "json"));

    // Then
    server.stop(0);
    JsonNode line = new ObjectMapper().readTree(ended.lines().getFirst());
    assertThat(line.path("level").asText()).isEqualTo("INFO");
    assertThat(line.path("formattedMessage").asText()).startsWith("configuration: ");
  }

  @Test
  void itWaitsForTheRightToReadInstancesAndSaysSoOnce() throws Exception {
    // Given
    HttpServer server = answering(0, 403);
    int port = server.getAddress().getPort();
    Process process =
        start(
            Map.of(
                "KUBECONFIG",
                kubeconfig("http://127.0.0.1:%d/".formatted(port)),
                "HEALTH_PORT",
                "0"));
    try {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(Files.readString(output()))
                      .contains("waiting for the cluster ")
                      .contains("because of 403"));

      // When
      server.stop(0);
      server = answering(port, 404);

      // Then
      Ended ended = end(process);
      assertThat(ended.lastLine()).startsWith("cannot start: the cluster at ");
      assertThat(ended.lines()).filteredOn(line -> line.contains("because of 403")).hasSize(1);
      assertThat(ended.lines()).noneMatch(line -> line.startsWith("\tat "));
    } finally {
      process.destroyForcibly();
      server.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "404, it has no CustomResourceDefinition postgresinstances.postgresinstance.dev",
    "401, because of 401"
  })
  void clusterThatCannotBeServedIsSaidWithTheReason(int code, String why) throws Exception {
    // Given
    HttpServer server = answering(0, code);
    String cluster = "http://127.0.0.1:%d/".formatted(server.getAddress().getPort());

    // When
    Ended ended = run(Map.of("KUBECONFIG", kubeconfig(cluster), "HEALTH_PORT", "0"));

    // Then
    server.stop(0);
    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.lastLine())
        .startsWith("cannot start: the cluster at %s cannot be served: ".formatted(cluster))
        .contains(why);
    assertThat(ended.lines()).noneMatch(line -> line.startsWith("\tat "));
  }

  private record Ended(int exitCode, List<String> lines) {
    String lastLine() {
      return lines.getLast();
    }
  }

  private static HttpServer answering(int port, int code) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext(
        "/",
        HttpHandlers.of(
            code,
            Headers.of("Content-Type", "application/json"),
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":%1$d,\"message\":\"because of %1$d\"}"
                .formatted(code)));
    server.start();
    return server;
  }

  private static int status(int port, String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(port, path));
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }

  private Path output() {
    return folder.resolve("output");
  }

  private Ended run(Map<String, String> environment) throws IOException, InterruptedException {
    Process process = start(environment);
    try {
      return end(process);
    } finally {
      process.destroyForcibly();
    }
  }

  private Ended end(Process process) throws IOException, InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return new Ended(process.exitValue(), Files.readAllLines(output(), StandardCharsets.UTF_8));
  }

  private Process start(Map<String, String> environment) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                classPath(),
                Main.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output().toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** As it is shipped: the tests' own logging would hide what the process logs. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !Path.of(entry).endsWith("test-classes"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private String kubeconfig(String server) throws IOException {
    return Files.writeString(
            folder.resolve("kubeconfig"),
            """
        apiVersion: v1
        kind: Config
        current-context: nowhere
        contexts:
        - {name: nowhere, context: {cluster: nowhere, user: nobody}}
        clusters:
        - {name: nowhere, cluster: {server: '%s'}}
        users:
        - {name: nobody, user: {}}
        """
                .formatted(server))
        .toString();
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
