package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.AuditLog;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.LogLine;
import dev.postgresinstance.tests.support.OperatorProcess;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The log and the metrics of the operator. Isolated, because it replaces the operator of all tests.
 */
@Isolated
class OperatorLogTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final Set<String> NOT_LOGGED =
      Set.of("postgresinstances/status", "events", "selfsubjectaccessreviews");
  private static final String ACTION = "(Created|Updated|Deleted|Annotated) .*";

  /** In this time, the operator checks each instance once, and its server often. */
  private static final Duration MINUTE = Duration.ofSeconds(65);

  private static Instant begin;
  private static int port;
  private static OperatorProcess operator;
  private static Instance orders;

  @BeforeAll
  static void startOperatorWithJsonLog() throws IOException {
    given.operator().stop();
    port = freePort();
    begin = Instant.now();
    operator =
        OperatorProcess.start(
            given.namespace(),
            "dev.postgresinstance.operator.Main",
            TestCluster.config().getMasterUrl(),
            Map.of("LOG_FORMAT", "json", "HEALTH_PORT", Integer.toString(port)));
    orders = given.instance("orders").running();
  }

  @AfterAll
  static void restoreOperator() {
    operator.close();
    given.operator().start();
  }

  @Test
  void operatorLogsEachActionOnceWithItsInstance() {
    // Given
    Pod before = orders.pod();

    // When
    orders.change(spec -> spec.parameter("work_mem", "5MB"));
    Eventually.that(
        "the change is in effect",
        () -> assertThat(Cluster.psql(orders, "SHOW work_mem")).isEqualTo("5MB"));
    orders.change(spec -> spec.parameter("max_connections", "50"));
    Eventually.instance(orders).isReadyWithNewPod(before);
    Cluster.delete(orders.service());

    // Then
    Eventually.thatStays("the operator logs nothing", OperatorLogTest::assertLogsNothingMore);
    Eventually.that("each write is in the log once", OperatorLogTest::assertWritesAreLogged);
    List<LogLine> lines = LogLine.all(operator.log());
    assertThat(lines)
        .filteredOn(line -> line.message().contains(orders.namespace()))
        .filteredOn(line -> !line.message().startsWith("Configuration: "))
        .isNotEmpty()
        .allMatch(line -> line.isAbout(orders));
    assertThat(lines)
        .filteredOn(line -> line.message().startsWith("Reloaded the server at "))
        .isNotEmpty()
        .allMatch(line -> line.isAbout(orders));
  }

  @Test
  @Tag("long")
  void idleOperatorLogsNothing() {
    // When
    Eventually.thatStays("the operator logs nothing", OperatorLogTest::assertLogsNothingMore);
    String log = operator.log();

    // Then
    Consistently.during(
        MINUTE, "the operator logs nothing", () -> assertThat(operator.log()).isEqualTo(log));
  }

  /** The writes of the operator that the API server accepted. */
  private static List<AuditLog.Request> acceptedWrites() {
    return AuditLog.writesSince(begin).stream()
        .filter(write -> write.agent().equals(operator.name()) && write.code() < 300)
        .filter(write -> !NOT_LOGGED.contains(write.resource()))
        .toList();
  }

  private static void assertWritesAreLogged() {
    assertThat(LogLine.all(operator.log()))
        .filteredOn(line -> line.isAbout(orders))
        .filteredOn(line -> line.message().matches(ACTION))
        .hasSameSizeAs(acceptedWrites());
  }

  private static int logLength;

  private static void assertLogsNothingMore() {
    int before = logLength;
    logLength = operator.log().length();
    assertThat(logLength).isEqualTo(before);
    assertThat(orders.service()).isNotNull();
  }

  @Test
  void metricsReportReconciliationsLoginsAndStatesWithoutSeriesPerInstance() throws Exception {
    // When
    List<String> metrics = get("/metrics").lines().toList();

    // Then
    assertThat(metrics)
        .anyMatch(
            line ->
                line.matches(
                    "postgresinstance_reconcile_seconds_count\\{result=\"success\"} [1-9].*"))
        .anyMatch(
            line ->
                line.matches("postgresinstance_login_seconds_count\\{result=\"LoggedIn\"} [1-9].*"))
        .anyMatch(
            line ->
                line.matches(
                    "postgresinstance_instances\\{condition=\"Ready\",reason=\"Running\",status=\"True\"} [1-9].*"))
        .anyMatch(
            line ->
                line.matches("postgresinstance_reconcile_oldest_success_seconds [0-9]{1,2}[.].*"))
        .anyMatch(line -> line.startsWith("postgresinstance_reconcile_queue "))
        .anyMatch(line -> line.startsWith("postgresinstance_reconcile_running "));
    assertThat(metrics)
        .filteredOn(line -> line.contains(given.namespace()))
        .isNotEmpty()
        .allMatch(line -> line.matches("postgresinstance_(volume|certificate)_.*"))
        .anyMatch(
            line -> line.startsWith("postgresinstance_certificate_expiry_timestamp_seconds{"));
    assertThat(get("/livez")).isEqualTo("ok\n");
    assertThat(get("/readyz")).isEqualTo("ok\n");
  }

  private static String get(String path) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:%d%s".formatted(port, path));
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
