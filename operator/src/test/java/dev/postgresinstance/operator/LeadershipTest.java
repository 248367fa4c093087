package dev.postgresinstance.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which requests a process sends with and without the lease. */
class LeadershipTest {

  private static final ConfigMap CHILD =
      new ConfigMapBuilder()
          .withNewMetadata()
          .withName("orders-config")
          .withNamespace("shop")
          .endMetadata()
          .build();

  private final Leadership leadership =
      new Leadership(new LeaseName("operators", "pg"), "first", why -> {});
  private HttpServer server;
  private KubernetesClient client;

  @BeforeEach
  void startServerThatAcceptsEverything() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    client =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder()
                    .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .withHttpClientBuilderConsumer(
                http -> http.addOrReplaceInterceptor("lease", leadership))
            .build();
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  @Test
  void blocksWritesWithoutTheLease() {
    assertThat(leadership.holdsLease()).isFalse();
    assertThatThrownBy(() -> client.resource(CHILD).create())
        .hasStackTraceContaining("first does not hold the lease operators/pg");
  }

  @Test
  void allowsWritesAfterARenewalUntilTheDeadline() {
    // When
    renew();

    // Then
    client.resource(CHILD).create();
    await()
        .atMost(Duration.ofMinutes(1))
        .pollDelay(Duration.ofSeconds(14))
        .until(() -> !leadership.holdsLease());
    assertThatThrownBy(() -> client.resource(CHILD).create())
        .hasStackTraceContaining("does not hold the lease");
    renew();
    client.resource(CHILD).create();
  }

  @Test
  void releaseDoesNotWaitForHangingServer() {
    // Given
    renew();
    server.removeContext("/");
    server.createContext("/", exchange -> {}); // never answers
    Instant begin = Instant.now();

    // When
    leadership.release(client);

    // Then
    assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(9));
  }

  private void renew() {
    client
        .resource(
            new LeaseBuilder()
                .withNewMetadata()
                .withName("pg")
                .withNamespace("operators")
                .endMetadata()
                .build())
        .create();
  }
}
