package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A process of the server is killed, as the kernel does when memory runs out. */
class ProcessCrashTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @CoversReasons(Reason.PROCESS_CRASHED)
  void killedBackendIsReportedOnceForEachCrash() throws SQLException {
    // Given: the server has run for longer than its processes take to start
    Instance orders = given.instance("orders").memoryLimit("512Mi").running();
    Eventually.that(
        "the server has run for some seconds",
        () ->
            assertThat(
                    Cluster.psql(
                        orders, "SELECT now() - pg_postmaster_start_time() > '11 seconds'"))
                .isEqualTo("t"));

    try (Client other = Client.connect(orders)) {
      // When
      killBackend(orders);

      // Then
      assertThat(
              Eventually.instance(orders)
                  .conditionMessage(ConditionType.RECENT_CRASH, Reason.PROCESS_CRASHED))
          .contains("spec.resources.limits.memory", "work_mem")
          .contains("kubectl logs -n %s orders-0 -c postgres".formatted(orders.namespace()));
      assertThatThrownBy(() -> other.read("SELECT 1")).isInstanceOf(SQLException.class);
    }
    assertCrashes(orders, 1);

    // When
    killBackend(orders);

    // Then
    assertCrashes(orders, 2);
    assertThat(Cluster.containerRestarts(orders)).isZero();
    assertThat(Cluster.log(orders)).contains("terminated by signal 9");
    Eventually.instance(orders).isReady().acceptsLogins();
  }

  private static void killBackend(Instance instance) throws SQLException {
    try (Client victim = Client.connect(instance)) {
      Cluster.exec(instance, "bash", "-c", "kill -KILL " + victim.read("SELECT pg_backend_pid()"));
    }
  }

  private static void assertCrashes(Instance instance, int count) {
    Eventually.that(
        "crash " + count + " is counted and recorded",
        () -> {
          assertThat(instance.resource().getStatus().crashes().count()).isEqualTo(count);
          assertThat(instance.events())
              .filteredOn(event -> event.getReason().equals(Reason.PROCESS_CRASHED.word()))
              .hasSize(count)
              .allSatisfy(event -> assertThat(event.getType()).isEqualTo("Warning"));
        });
  }
}
