package dev.postgresinstance.operator.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthServerTest {

  private final HttpClient client = HttpClient.newHttpClient();
  private final CountDownLatch scrapeMayEnd = new CountDownLatch(1);
  private volatile boolean alive = true;
  private volatile Supplier<String> metrics = () -> "up 1\n";
  private HealthServer server;

  @BeforeEach
  void start() {
    server = HealthServer.start(0, () -> alive, () -> metrics.get());
  }

  @AfterEach
  void stop() {
    scrapeMayEnd.countDown();
    server.close();
    client.close();
  }

  @Test
  void livezSucceedsFromTheStart() throws Exception {
    // When
    HttpResponse<String> answer = get("/livez");

    // Then
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("ok\n");
  }

  @Test
  void livezFailsIfTheProcessIsStuck() throws Exception {
    // Given
    alive = false;

    // When
    HttpResponse<String> answer = get("/livez");

    // Then
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).isEqualTo("stuck\n");
  }

  @Test
  void livezSucceedsDuringASlowScrape() throws Exception {
    // Given
    CountDownLatch scrapeStarted = new CountDownLatch(1);
    metrics =
        () -> {
          scrapeStarted.countDown();
          try {
            scrapeMayEnd.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return "up 1\n";
        };
    CompletableFuture<HttpResponse<String>> scrape =
        client.sendAsync(request(server.port(), "/metrics"), HttpResponse.BodyHandlers.ofString());
    scrapeStarted.await();

    // When
    HttpResponse<String> answer = get("/livez");

    // Then
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(scrape).isNotDone();
  }

  @Test
  void servesMetricsInTheFormatOfPrometheus() throws Exception {
    // When
    HttpResponse<String> answer = get("/metrics");

    // Then
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    assertThat(answer.body()).isEqualTo("up 1\n");
  }

  @Test
  void readyzFailsBeforeItIsMarkedReady() throws Exception {
    // When
    HttpResponse<String> answer = get("/readyz");

    // Then
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).isEqualTo("not ready\n");
  }

  @Test
  void readyzSucceedsOnceMarkedReady() throws Exception {
    // Given
    server.markReady();

    // When
    HttpResponse<String> answer = get("/readyz");

    // Then
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("ok\n");
  }

  @Test
  void servesNothingElse() throws Exception {
    // When
    HttpResponse<String> answer = get("/");

    // Then
    assertThat(answer.statusCode()).isEqualTo(404);
  }

  @Test
  void rejectsPortInUseAndNamesIt() {
    // When
    var failure =
        assertThatIllegalArgumentException()
            .isThrownBy(() -> HealthServer.start(server.port(), () -> true, () -> ""));

    // Then
    failure
        .withMessageStartingWith("HEALTH_PORT: cannot listen on port " + server.port())
        .withMessageContaining("in use");
  }

  @Test
  void refusesConnectionsOnceClosed() {
    // Given
    int port = server.port();

    // When
    server.close();

    // Then
    assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> get(port, "/livez"));
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return get(server.port(), path);
  }

  private HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
    return client.send(request(port, path), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest request(int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path)))
        .timeout(Duration.ofSeconds(30))
        .build();
  }
}
