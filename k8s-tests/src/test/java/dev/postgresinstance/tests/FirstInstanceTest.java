package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("installed")
class FirstInstanceTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @CoversReasons({
    Reason.STARTING,
    Reason.RUNNING,
    Reason.DATA_RECORDED,
    Reason.PROVEN,
    Reason.GRANTED,
    Reason.VOLUME_READY
  })
  void appliedInstanceAcceptsLogins() throws SQLException {
    // Given: kind's own class
    Instance orders = given.instance("orders").storageClass("standard").applied();

    // When
    Eventually.instance(orders).isReady();

    // Then
    try (Client client = Client.connect(orders)) {
      assertThat(client.read("SELECT current_user || ' in ' || current_database()"))
          .isEqualTo("app in app");
      assertThat(client.read("SHOW server_version"))
          .startsWith(orders.resource().getStatus().version());
      assertThat(client.read("SHOW server_encoding")).isEqualTo("UTF8");
    }
    assertThat(Cluster.psql(orders, "SELECT system_identifier FROM pg_control_system()"))
        .isEqualTo(orders.resource().getStatus().systemIdentifier());
    Eventually.instance(orders)
        .hasCondition(ConditionType.INITIALIZED, Reason.DATA_RECORDED)
        .hasNoCondition(ConditionType.RECONCILING);
  }

  @Test
  void requestedNodePortIsUsed() throws SQLException {
    // Given
    int port = Cluster.freeNodePort();

    // When
    Instance ledger = given.instance("ledger").nodePort(port).running();

    // Then
    assertThat(ledger.nodePort()).isEqualTo(port);
    try (Client client = Client.connect(ledger)) {
      assertThat(client.read("SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void instancesCreatedTogetherAreIndependent() throws SQLException {
    // Given
    Instance one = given.instance("one").applied();
    Instance two = given.instance("two").applied();

    // When
    Eventually.instance(one).isReady();
    Eventually.instance(two).isReady();

    // Then
    assertThat(one.credentials().get("password")).isNotEqualTo(two.credentials().get("password"));
    assertThat(one.nodePort()).isNotEqualTo(two.nodePort());
    try (Client first = Client.connect(one);
        Client second = Client.connect(two)) {
      first.execute("CREATE TABLE only_here ()");
      assertThat(second.read("SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'"))
          .isEqualTo("0");
    }
  }
}
