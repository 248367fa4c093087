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
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Service;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How clients outside the cluster reach the server; a published address stays valid. */
class PortsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @Tag("long")
  void nodePortSurvivesChangesOfTheServiceType() {
    // Given
    Instance orders = given.instance("orders").running();
    int port = orders.nodePort();

    // When
    orders.change(spec -> spec.serviceType("ClusterIP"));
    Eventually.that(
        "there is no external endpoint",
        () -> assertThat(orders.resource().getStatus().endpoints().external()).isNull());
    assertThat(orders.service().getSpec().getType()).isEqualTo("ClusterIP");
    assertThat(orders.condition(ConditionType.EXTERNAL_ACCESS_READY)).isEmpty();
    orders.change(spec -> spec.serviceType("NodePort"));

    // Then
    Eventually.instance(orders).isReady();
    assertThat(orders.nodePort()).isEqualTo(port);

    // When
    orders.change(spec -> spec.serviceType("LoadBalancer"));
    Eventually.instance(orders).isNotReady(Reason.LOAD_BALANCER_PENDING);
    assertThat(portOf(orders.service())).isEqualTo(port);
    orders.change(spec -> spec.serviceType("NodePort"));

    // Then
    Eventually.instance(orders).isReady().acceptsLogins();
    assertThat(orders.nodePort()).isEqualTo(port);
  }

  @Test
  @CoversReasons(Reason.LOAD_BALANCER_PENDING)
  void instanceWaitsForLoadBalancerAndPublishesItsAddress() {
    // Given
    Instance shop = given.instance("shop").serviceType("LoadBalancer").applied();
    String message = Eventually.instance(shop).isNotReady(Reason.LOAD_BALANCER_PENDING);
    assertThat(message).contains("Service shop", "NodePort");
    Eventually.instance(shop).hasCondition(ConditionType.AVAILABLE, Reason.RUNNING);
    assertThat(status(shop, ConditionType.EXTERNAL_ACCESS_READY)).isEqualTo("False");
    assertThat(shop.credentials()).doesNotContainKey("external-host");

    // When
    Cluster.setLoadBalancerAddress(shop, "192.0.2.7");

    // Then
    Eventually.instance(shop).isReady();
    assertThat(status(shop, ConditionType.EXTERNAL_ACCESS_READY)).isEqualTo("True");
    assertThat(shop.resource().getStatus().endpoints().address()).isEqualTo("192.0.2.7:5432");
    Eventually.that(
        "the Secret contains it",
        () -> assertThat(shop.credentials()).containsEntry("external-host", "192.0.2.7"));
  }

  @Test
  @CoversReasons(Reason.NODE_PORT_UNAVAILABLE)
  void instanceKeepsItsPortWhileRequestedPortIsTaken() throws SQLException {
    // Given
    Instance ledger = given.instance("ledger").running();
    int before = ledger.nodePort();
    int taken = Cluster.freeNodePort();
    Service other = given.service(taken);

    // When
    ledger.change(spec -> spec.nodePort(taken).service("annotations", Map.of("note", "kept")));

    // Then
    String message = Eventually.instance(ledger).isNotReady(Reason.NODE_PORT_UNAVAILABLE);
    assertThat(message).contains("Node port " + taken, "keeps port " + before);
    Condition external = ledger.condition(ConditionType.EXTERNAL_ACCESS_READY).orElseThrow();
    assertThat(external.getStatus()).isEqualTo("False");
    assertThat(external.getReason()).isEqualTo("NodePortUnavailable");
    Eventually.instance(ledger).hasCondition(ConditionType.AVAILABLE, Reason.RUNNING);
    assertThat(ledger.service().getMetadata().getAnnotations()).containsEntry("note", "kept");
    assertThat(ledger.nodePort()).isEqualTo(before);
    Client.connect(ledger).close();

    // When
    Cluster.delete(other);

    // Then
    Eventually.instance(ledger).isReady();
    assertThat(ledger.nodePort()).isEqualTo(taken);
    assertThat(status(ledger, ConditionType.EXTERNAL_ACCESS_READY)).isEqualTo("True");
  }

  @Test
  @Tag("long")
  void portOfAnotherInstanceIsReportedWithItsService() {
    // Given
    int port = Cluster.freeNodePort();
    given.instance("first").nodePort(port).running();

    // When
    Instance second = given.instance("second").nodePort(port).applied();

    // Then
    String message = Eventually.instance(second).isNotReady(Reason.NODE_PORT_UNAVAILABLE);
    assertThat(message)
        .contains("Service first in namespace " + given.namespace(), "inside the cluster only");
    assertThat(second.service().getSpec().getType()).isEqualTo("ClusterIP");
  }

  @Test
  void advertisedHostIsPublished() {
    // Given
    Instance desk = given.instance("desk").service("advertisedHost", "db.example.com").running();

    // Then
    String address = "db.example.com:" + desk.nodePort();
    assertThat(desk.resource().getStatus().endpoints().external().hosts())
        .containsExactly("db.example.com");
    Eventually.that(
        "the Secret contains it",
        () ->
            assertThat(desk.credentials())
                .containsEntry("external-host", "db.example.com")
                .hasEntrySatisfying("external-uri", uri -> assertThat(uri).contains(address)));
  }

  @Test
  @Tag("long")
  void annotationsOfServiceFollowTheSpec() {
    // Given
    Instance kiosk =
        given
            .instance("kiosk")
            .service("annotations", Map.of("example.com/a", "1", "example.com/b", "2"))
            .running();
    assertThat(kiosk.service().getMetadata().getAnnotations())
        .containsEntry("example.com/a", "1")
        .containsEntry("example.com/b", "2");

    // When
    kiosk.change(spec -> spec.service("annotations", Map.of("example.com/a", "3")));

    // Then
    Eventually.that(
        "the annotations match the spec",
        () ->
            assertThat(kiosk.service().getMetadata().getAnnotations())
                .containsEntry("example.com/a", "3")
                .doesNotContainKey("example.com/b"));
  }

  @Test
  @Tag("long")
  void localTrafficPolicyPublishesNodeOfPodAlsoAfterRestart() throws SQLException {
    // Given
    Instance till = given.instance("till").service("externalTrafficPolicy", "Local").running();
    List<String> hosts = till.resource().getStatus().endpoints().external().hosts();
    assertThat(hosts).containsExactly(till.pod().getStatus().getHostIP());
    assertThat(till.service().getSpec().getExternalTrafficPolicy()).isEqualTo("Local");

    // When
    Eventually.instance(till).isReadyWithNewPod(Cluster.killPod(till));

    // Then
    assertThat(till.resource().getStatus().endpoints().external().hosts()).isEqualTo(hosts);
    Client.connect(till).close();
  }

  private static String status(Instance instance, ConditionType condition) {
    return instance.condition(condition).orElseThrow().getStatus();
  }

  private static int portOf(Service service) {
    return service.getSpec().getPorts().getFirst().getNodePort();
  }
}
