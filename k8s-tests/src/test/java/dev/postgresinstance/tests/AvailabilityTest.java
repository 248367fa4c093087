package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.StateHistory;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The conditions that users wait for are correct at every moment. Isolated, because it restarts the
 * operator.
 */
@Isolated
class AvailabilityTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void changesWithoutRestartKeepInstanceAvailable() throws Exception {
    // Given
    Instance orders = given.instance("orders").storageClass("limited").storage("512Mi").running();
    String password = orders.credentials().get("password");

    // When
    try (StateHistory history = StateHistory.of(orders);
        Client session = Client.connect(orders)) {
      orders.change(spec -> spec.parameter("work_mem", "5MB"));
      Eventually.that(
          "the parameter is in effect",
          () -> assertThat(readInNewSession(orders, "SHOW work_mem")).isEqualTo("5MB"));
      orders.change(spec -> spec.storage("1Gi"));
      Eventually.that(
          "the volume has grown",
          () ->
              assertThat(orders.resource().getStatus().storage().actual())
                  .isEqualTo(new Quantity("1Gi")));
      orders.annotate("postgresinstance.dev/rotate-password", "now");
      Eventually.instance(orders).hasPasswordOtherThan(password);
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
      Eventually.that(
          "the parameter is in effect after the restart of the operator",
          () -> assertThat(readInNewSession(orders, "SHOW work_mem")).isEqualTo("6MB"));
      Eventually.instance(orders).isReady();

      // Then
      assertThat(history.statuses())
          .as("every recorded status")
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
  void waitForReadyReturnsOnlyWhenLatestSpecIsInEffect() throws SQLException {
    // Given
    Instance desk = given.instance("desk").running();

    for (int connections = 41; connections < 44; connections++) {
      String value = Integer.toString(connections);
      desk.change(spec -> spec.parameter("max_connections", value));

      // When
      Cluster.kubectl(
          "wait", "--for=condition=Ready", "pgi/desk", "--timeout=4m", "-n", given.namespace());

      // Then
      assertThat(readInNewSession(desk, "SHOW max_connections")).isEqualTo(value);
    }
  }

  private static String readInNewSession(Instance instance, String sql) throws SQLException {
    try (Client client = Client.connect(instance)) {
      return client.read(sql);
    }
  }
}
