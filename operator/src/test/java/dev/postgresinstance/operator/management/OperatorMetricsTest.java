package dev.postgresinstance.operator.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.TlsStatus;
import dev.postgresinstance.operator.report.StatusBuilder;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.javaoperatorsdk.operator.api.monitoring.Metrics.ControllerExecution;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.processing.GroupVersionKind;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OperatorMetricsTest {

  private static final ResourceID ORDERS = new ResourceID("orders", "shop");

  private final OperatorMetrics metrics = new OperatorMetrics();

  @Test
  void countsReconciliationsByResult() throws Exception {
    // When
    metrics.timeControllerExecution(new Execution(() -> {}));
    metrics.timeControllerExecution(new Execution(() -> {}));
    try {
      metrics.timeControllerExecution(
          new Execution(
              () -> {
                throw new IllegalStateException("thrown by the test");
              }));
    } catch (IllegalStateException e) {
      // Then: the caller gets the exception
      assertThat(e).hasMessage("thrown by the test");
    }

    // Then
    assertThat(metrics.scrape())
        .contains(
            "postgresinstance_reconcile_seconds_count{result=\"success\"} 2",
            "postgresinstance_reconcile_seconds_count{result=\"error\"} 1");
  }

  @Test
  void countsQueuedAndRunningReconciliations() {
    // Given
    PostgresInstance orders = instance("orders");
    PostgresInstance ledger = instance("ledger");
    metrics.reconcileCustomResource(orders, null, Map.of());
    metrics.reconcileCustomResource(ledger, null, Map.of());

    // When
    metrics.reconciliationExecutionStarted(orders, Map.of());

    // Then
    assertThat(metrics.scrape())
        .contains("postgresinstance_reconcile_queue 1", "postgresinstance_reconcile_running 1");
    assertThat(metrics.longestReconciliation()).isPositive();
    metrics.reconciliationExecutionFinished(orders, Map.of());
    metrics.finishedReconciliation(orders, Map.of());
    metrics.cleanupDoneFor(ResourceID.fromResource(ledger), Map.of());
    metrics.cleanupDoneFor(ResourceID.fromResource(orders), Map.of());
    assertThat(metrics.scrape())
        .contains(
            "postgresinstance_reconcile_queue 0",
            "postgresinstance_reconcile_running 0",
            "postgresinstance_reconcile_oldest_success_seconds 0.0\n");
  }

  @Test
  void countsInstancesByConditionNotByName() {
    // When
    metrics.countInstances(
        () -> Stream.of(instance("orders"), instance("ledger"), instance("desk")));

    // Then
    assertThat(metrics.scrape())
        .contains(
            "postgresinstance_instances{condition=\"Ready\",reason=\"Running\",status=\"True\"} 3")
        .doesNotContain("ledger");
  }

  @Test
  void keepsTimeOfTheArchiveWhileItIsNotReportedAndRemovesItWithTheArchive() {
    // Given
    String series =
        "postgresinstance_backup_recoverable_timestamp_seconds{name=\"orders\",namespace=\"shop\"} 60";
    metrics.countInstances(() -> Stream.of(instance("orders")));

    // When, Then
    metrics.archive(ORDERS, true, Optional.of(Instant.ofEpochSecond(60)));
    metrics.archive(ORDERS, true, Optional.empty());
    assertThat(metrics.scrape()).contains(series);
    metrics.archive(ORDERS, false, Optional.empty());
    assertThat(metrics.scrape()).doesNotContain("orders");
  }

  @Test
  void removesValuesOfDeletedInstance() {
    // Given: a reconciliation and a login that end after the deletion of the instance
    PostgresInstance orders = instance("orders");
    metrics.countInstances(() -> Stream.of(orders));
    metrics.volume(ORDERS, 100, 1000);
    assertThat(metrics.scrape())
        .contains(
            "postgresinstance_volume_used_bytes{name=\"orders\",namespace=\"shop\"} 100",
            "postgresinstance_volume_size_bytes{name=\"orders\",namespace=\"shop\"} 1000");

    // When
    metrics.countInstances(Stream::empty);
    metrics.cleanupDoneFor(ORDERS, Map.of());
    metrics.volume(ORDERS, 100, 1000);
    metrics.finishedReconciliation(orders, Map.of());

    // Then
    assertThat(metrics.scrape())
        .doesNotContain("orders")
        .contains("postgresinstance_reconcile_oldest_success_seconds 0.0\n");
    await()
        .during(Duration.ofMillis(100))
        .until(
            () ->
                metrics
                    .scrape()
                    .contains("postgresinstance_reconcile_oldest_success_seconds 0.0\n"));
  }

  @Test
  void backupIsNoInstanceOfTheSameName() {
    // Given
    PostgresInstance orders = instance("orders");
    metrics.countInstances(() -> Stream.of(orders));
    PostgresBackup backup = new PostgresBackup();
    backup.setMetadata(orders.getMetadata());
    metrics.volume(ORDERS, 100, 1000);
    metrics.reconcileCustomResource(orders, null, Map.of());
    metrics.reconcileCustomResource(backup, null, Map.of());
    metrics.reconciliationExecutionStarted(orders, Map.of());
    metrics.reconciliationExecutionStarted(backup, Map.of());

    // When
    metrics.reconciliationExecutionFinished(backup, Map.of());
    metrics.cleanupDoneFor(
        ORDERS,
        Map.of(
            Constants.RESOURCE_GVK_KEY,
            new GroupVersionKind("postgresinstance.dev", "v1alpha1", "PostgresBackup")));

    // Then
    assertThat(metrics.scrape())
        .contains(
            "postgresinstance_reconcile_running 1",
            "postgresinstance_volume_used_bytes{name=\"orders\"");
    assertThat(metrics.longestReconciliation()).isPositive();
  }

  @Test
  void removesValuesOfDeletedInstanceWithoutAScrape() {
    // Given: an instance that the cache still has
    PostgresInstance orders = instance("orders");
    metrics.countInstances(() -> Stream.of(orders));
    metrics.volume(ORDERS, 100, 1000);

    // When
    metrics.cleanupDoneFor(ORDERS, Map.of());

    // Then
    assertThat(metrics.scrape()).doesNotContain("orders");
  }

  @Test
  void reportsExpiryOfCertificateUntilInstanceIsDeleted() {
    // Given
    metrics.countInstances(
        () ->
            Stream.of(
                instance("orders", "2027-03-01T12:00:00Z"),
                instance("ledger", "soon"), // somebody else has written the status
                instance("desk", null)));

    // Then
    assertThat(metrics.scrape())
        .contains(
            "postgresinstance_certificate_expiry_timestamp_seconds{name=\"orders\",namespace=\"shop\"} 1.8039024E9\n")
        .doesNotContain("ledger", "desk");

    // When
    metrics.countInstances(Stream::empty);

    // Then
    assertThat(metrics.scrape()).doesNotContain("orders");
  }

  @Test
  void reportsWhenAVerificationSucceededLast() {
    // Given
    PostgresInstance orders = instance("orders");
    StatusBuilder status = new StatusBuilder(orders, Optional.empty(), Instant.EPOCH);
    status.backup(
        new BackupStatus(
            null, null, null, null, null, null, null, "1970-01-01T00:01:00Z", null, null, null));
    orders.setStatus(status.build());
    metrics.countInstances(() -> Stream.of(orders, instance("ledger")));

    // Then
    assertThat(metrics.scrape())
        .contains(
            "postgresinstance_backup_verified_timestamp_seconds{name=\"orders\",namespace=\"shop\"} 60")
        .doesNotContain("ledger");
  }

  @Test
  void reportsTheSizeOfTheArchive() {
    // Given
    PostgresInstance orders = instanceWithArchive("orders", "3Mi");
    PostgresInstance ledger = instanceWithArchive("ledger", "large");
    metrics.countInstances(() -> Stream.of(orders, ledger));

    // Then
    assertThat(metrics.scrape())
        .contains(
            "postgresinstance_backup_stored_bytes{name=\"orders\",namespace=\"shop\"} 3145728.0\n")
        .doesNotContain("ledger");
  }

  private static PostgresInstance instanceWithArchive(String name, String size) {
    PostgresInstance instance = instance(name);
    StatusBuilder status = new StatusBuilder(instance, Optional.empty(), Instant.EPOCH);
    status.backup(
        new BackupStatus(
            null, null, null, null, null, null, null, null, null, null, new Quantity(size)));
    instance.setStatus(status.build());
    return instance;
  }

  @Test
  void measuresLoginsByResult() {
    // When
    metrics.login(Duration.ofMillis(30), "LoggedIn");

    // Then
    assertThat(metrics.scrape())
        .contains("postgresinstance_login_seconds_bucket{result=\"LoggedIn\",le=\"0.1\"} 1");
  }

  private static PostgresInstance instance(String name) {
    return instance(name, null);
  }

  private static PostgresInstance instance(String name, String notAfter) {
    PostgresInstance instance = new PostgresInstance();
    instance.getMetadata().setName(name);
    instance.getMetadata().setNamespace("shop");
    instance.setStatus(
        new PostgresInstanceStatus(
            1L,
            List.of(
                new ConditionBuilder()
                    .withType("Ready")
                    .withStatus("True")
                    .withReason("Running")
                    .build()),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            new TlsStatus(notAfter, null, null, null, null, null, null, null),
            null));
    return instance;
  }

  private record Execution(Runnable work) implements ControllerExecution<Boolean> {

    @Override
    public String name() {
      return "reconcile";
    }

    @Override
    public String controllerName() {
      return "postgresinstance";
    }

    @Override
    public String successTypeName(Boolean result) {
      return "";
    }

    @Override
    public ResourceID resourceID() {
      return ORDERS;
    }

    @Override
    public Map<String, Object> metadata() {
      return Map.of();
    }

    @Override
    public Boolean execute() {
      work.run();
      return true;
    }
  }

  @Test
  void scrapeContainsMetricsOfJvmAndProcess() {
    assertThat(metrics.scrape())
        .contains(
            "jvm_memory_used_bytes{",
            "jvm_threads_live_threads ",
            "process_cpu_usage ",
            "process_uptime_seconds ");
  }
}
