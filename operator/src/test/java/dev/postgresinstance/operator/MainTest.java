package dev.postgresinstance.operator;

import static dev.postgresinstance.operator.MainProcess.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpHandlers;
import com.sun.net.httpserver.HttpServer;
import dev.postgresinstance.operator.MainProcess.Ended;
import io.javaoperatorsdk.operator.OperatorException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process that cannot start exits with code 2, and its last line names the cause. */
class MainTest {

  private static final Map<String, String> ANY_HEALTH_PORT = Map.of("HEALTH_PORT", "0");

  @TempDir private Path folder;

  @Test
  void reportsInvalidConfigurationInOneLine() throws Exception {
    // Given
    Map<String, String> environment = Map.of("LOG_LEVEL", "loud");

    // When
    try (MainProcess process = MainProcess.start(folder, environment)) {

      // Then
      Ended ended = process.end();
      assertThat(ended.exitCode()).isEqualTo(2);
      assertThat(ended.lines())
          .singleElement()
          .asString()
          .startsWith("Cannot start: LOG_LEVEL: \"loud\" is ");
    }
  }

  @Test
  void namesTheInnermostCauseOfAFailedStart() {
    // Given
    Throwable cause = new IllegalStateException("leases.coordination.k8s.io is forbidden");
    Throwable middle = new RuntimeException("the leader election has failed", cause);

    // Then
    assertThat(Main.problem(new OperatorException("Error starting operator", middle)))
        .isEqualTo("Error starting operator: leases.coordination.k8s.io is forbidden");
    assertThat(Main.problem(new OperatorException("no cluster: 404", new IOException("404"))))
        .isEqualTo("no cluster: 404");
    assertThat(Main.problem(new OperatorException("no cluster"))).isEqualTo("no cluster");
    assertThat(Main.problem(middle)).isEqualTo(cause.toString());
  }

  @Test
  void waitsForClusterThatDoesNotAnswerAndLogsItOnce() throws Exception {
    // Given
    int port = MainProcess.closedPort();
    int health = MainProcess.closedPort();
    Map<String, String> environment = Map.of("HEALTH_PORT", Integer.toString(health));
    try (MainProcess process = MainProcess.start(folder, port, environment)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(process.output())
                      .contains(
                          "Waiting for the cluster at %s: ".formatted(MainProcess.url(port))));
      assertThat(MainProcess.status(health, "/livez")).isEqualTo(200);
      assertThat(MainProcess.status(health, "/readyz")).isEqualTo(503);

      // When
      HttpServer server = answering(port, 404);

      // Then
      Ended ended = process.end();
      server.stop(0);
      assertThat(ended.lastLine())
          .startsWith("Cannot start: the operator cannot serve the cluster at ");
      assertThat(ended.lines()).filteredOn(line -> line.contains("Waiting")).hasSize(1);
      assertThat(ended.lines()).noneMatch(line -> line.startsWith("\tat "));
    }
  }

  @Test
  void logsInTheConfiguredFormat() throws Exception {
    // Given
    HttpServer server = answering(0, 404);
    Map<String, String> environment = Map.of("HEALTH_PORT", "0", "LOG_FORMAT", "json");

    // When
    try (MainProcess process =
        MainProcess.start(folder, server.getAddress().getPort(), environment)) {

      // Then
      Ended ended = process.end();
      server.stop(0);
      JsonNode line = new ObjectMapper().readTree(ended.lines().getFirst());
      assertThat(line.path("level").asText()).isEqualTo("INFO");
      assertThat(line.path("formattedMessage").asText()).startsWith("Configuration: ");
    }
  }

  @Test
  void waitsForPermissionToReadInstancesAndLogsItOnce() throws Exception {
    // Given
    HttpServer server = answering(0, 403);
    int port = server.getAddress().getPort();
    try (MainProcess process = MainProcess.start(folder, port, ANY_HEALTH_PORT)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(process.output())
                      .contains("Waiting for the cluster ")
                      .contains("because of 403"));

      // When
      server.stop(0);
      server = answering(port, 404);

      // Then
      Ended ended = process.end();
      assertThat(ended.lastLine())
          .startsWith("Cannot start: the operator cannot serve the cluster at ");
      assertThat(ended.lines()).filteredOn(line -> line.contains("because of 403")).hasSize(1);
      assertThat(ended.lines()).noneMatch(line -> line.startsWith("\tat "));
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "404, the CustomResourceDefinition postgresinstances.postgresinstance.dev is not installed",
    "401, because of 401"
  })
  void exitsWithTheCauseIfTheClusterCannotBeServed(int code, String cause) throws Exception {
    // Given
    HttpServer server = answering(0, code);
    int port = server.getAddress().getPort();

    // When
    try (MainProcess process = MainProcess.start(folder, port, ANY_HEALTH_PORT)) {

      // Then
      Ended ended = process.end();
      server.stop(0);
      assertThat(ended.exitCode()).isEqualTo(2);
      assertThat(ended.lastLine())
          .startsWith(
              "Cannot start: the operator cannot serve the cluster at %s: "
                  .formatted(MainProcess.url(port)))
          .contains(cause);
      assertThat(ended.lines()).noneMatch(line -> line.startsWith("\tat "));
    }
  }

  @Test
  void exitsIfOnlyTheDefinitionOfBackupsIsMissing() throws Exception {
    // Given: after an upgrade of the operator without one of the resource definitions
    HttpServer server = answering(0, 404);
    server.createContext(
        "/apis/postgresinstance.dev/v1alpha1/postgresinstances",
        HttpHandlers.of(200, Headers.of("Content-Type", "application/json"), "{\"items\":[]}"));
    int port = server.getAddress().getPort();

    // When
    try (MainProcess process = MainProcess.start(folder, port, ANY_HEALTH_PORT)) {

      // Then
      Ended ended = process.end();
      server.stop(0);
      assertThat(ended.exitCode()).isEqualTo(2);
      assertThat(ended.lastLine())
          .endsWith(
              "the CustomResourceDefinition postgresbackups.postgresinstance.dev is not installed");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'client-certificate-data: cnViYmlzaA==, client-key-data: YQ==', CertificateException: ",
    "', certificate-authority: /no/such', '', NoSuchFileException: /no/such",
    "'}}}', '', while parsing "
  })
  void reportsInvalidKubeconfigInOneLine(String cluster, String user, String cause)
      throws Exception {
    // Given
    String kubeconfig =
        MainProcess.kubeconfig(folder, "server: 'https://127.0.0.1'" + cluster, user);
    Map<String, String> environment = Map.of("HEALTH_PORT", "0", "KUBECONFIG", kubeconfig);

    // When
    try (MainProcess process = MainProcess.start(folder, environment)) {

      // Then
      Ended ended = process.end();
      assertThat(ended.exitCode()).isEqualTo(2);
      assertThat(ended.lastLine()).startsWith("Cannot start: ").contains(cause);
      assertThat(ended.lines()).noneMatch(line -> line.startsWith("\tat "));
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
}
