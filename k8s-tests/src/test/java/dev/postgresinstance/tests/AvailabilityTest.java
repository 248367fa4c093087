package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Sightings;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** What users wait for is true at every moment. Alone, because it restarts the operator. */
@Isolated
class AvailabilityTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void noChangeThatNeedsNoRestartTakesAvailabilityAway() throws Exception {
    // Given
    Instance orders = given.instance("orders").storageClass("limited").storage("512Mi").running();
    String password = orders.credentials().get("password");

    // When
    try (Sightings sightings = Sightings.of(orders);
        Client session = Client.connect(orders)) {
      orders.change(spec -> spec.parameter("work_mem", "5MB"));
      Eventually.that(
          "reloaded", () -> assertThat(fresh(orders, "SHOW work_mem")).isEqualTo("5MB"));
      orders.change(spec -> spec.storage("1Gi"));
      Eventually.that(
          "grown",
          () ->
              assertThat(orders.resource().getStatus().storage().actual())
                  .isEqualTo(new Quantity("1Gi")));
      orders.annotate("postgresinstance.dev/rotate-password", "now");
      Eventually.that(
          "rotated", () -> assertThat(orders.credentials().get("password")).isNotEqualTo(password));
      orders.change(spec -> spec.service("annotations", Map.of("example.com/note", "new")));
      Eventually.that(
          "the Service has changed",
          () ->
              assertThat(orders.service().getMetadata().getAnnotations())
                  .containsEntry("example.com/note", "new"));
      Cluster.kubectl("label", "pgi", "orders", "team=shop", "--namespace", given.namespace());
      given.operator().stop();
      given.operator().start();
      orders.change(spec -> spec.parameter("work_mem", "6MB"));
      Eventually.that("served", () -> assertThat(fresh(orders, "SHOW work_mem")).isEqualTo("6MB"));
      Eventually.instance(orders).isReady();

      // Then
      assertThat(sightings.statuses())
          .as("every status that there was")
          .hasSizeGreaterThan(5)
          .allSatisfy(
              status ->
                  assertThat(status.conditions())
                      .filteredOn(condition -> condition.getType().equals("Available"))
                      .extracting(Condition::getStatus)
                      .containsExactly("True"));
      assertThat(session.read("SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void whoWaitsForReadyWaitsForTheSpecAsItIsNow() throws SQLException {
    // Given
    Instance desk = given.instance("desk").running();

    for (int connections = 41; connections < 44; connections++) {
      String asked = Integer.toString(connections);
      desk.change(spec -> spec.parameter("max_connections", asked));

      // When
      Cluster.kubectl(
          "wait", "--for=condition=Ready", "pgi/desk", "--timeout=120s", "-n", given.namespace());

      // Then
      assertThat(fresh(desk, "SHOW max_connections")).isEqualTo(asked);
    }
  }

  private static String fresh(Instance instance, String sql) throws SQLException {
    try (Client client = Client.connect(instance)) {
      return client.read(sql);
    }
  }
}
