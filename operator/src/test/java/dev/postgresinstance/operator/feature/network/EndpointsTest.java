package dev.postgresinstance.operator.feature.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.api.v1alpha1.ExternalEndpoint;
import dev.postgresinstance.api.v1alpha1.InternalEndpoint;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointsTest {

  private static final InternalEndpoint INTERNAL = new InternalEndpoint("orders.shop.svc", 5432);

  @Test
  void hasNoEndpointsWithoutService() {
    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(Snapshots.of("{}"));

    // Then
    assertThat(endpoints).isEmpty();
  }

  @Test
  void listsEachNodeForNodePortAndShowsFirst() {
    // Given
    Snapshot snapshot =
        Snapshots.withNodes(Snapshots.withNodePort(Snapshots.of("{}"), 30432), "10.0.0.1", "n2");

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(snapshot);

    // Then
    assertThat(endpoints)
        .contains(
            new EndpointsStatus(
                "10.0.0.1:30432",
                INTERNAL,
                new ExternalEndpoint(List.of("10.0.0.1", "n2"), 30432)));
  }

  @Test
  void showsOnlyPortWhenNodesCannotBeRead() {
    // Given
    Snapshot snapshot = Snapshots.withNodePort(Snapshots.of("{}"), 30432);

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(snapshot);

    // Then
    assertThat(endpoints)
        .contains(new EndpointsStatus(":30432", INTERNAL, new ExternalEndpoint(List.of(), 30432)));
  }

  @Test
  void putsIpv6AddressInBrackets() {
    // Given
    Snapshot snapshot =
        Snapshots.withNodes(Snapshots.withNodePort(Snapshots.of("{}"), 30432), "2001:db8::7");

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(snapshot);

    // Then
    assertThat(endpoints).map(EndpointsStatus::address).contains("[2001:db8::7]:30432");
  }

  @Test
  void hasNoExternalEndpointBeforeNodePortIsAllocated() {
    // Given
    Snapshot snapshot = Snapshots.of("{}");
    snapshot = snapshot.with(InstanceService.desired(snapshot));

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(snapshot);

    // Then
    assertThat(endpoints).contains(new EndpointsStatus("orders.shop.svc:5432", INTERNAL, null));
  }

  @Test
  void hasNoExternalEndpointForClusterIp() {
    // Given
    Snapshot snapshot = Snapshots.of("service: {type: ClusterIP}");
    snapshot = Snapshots.withNodes(snapshot.with(InstanceService.desired(snapshot)), "10.0.0.1");

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(snapshot);

    // Then
    assertThat(endpoints).contains(new EndpointsStatus("orders.shop.svc:5432", INTERNAL, null));
  }

  @Test
  void listsHostNameElseAddressOfEachIngress() {
    // Given
    Snapshot snapshot =
        balanced(
            new LoadBalancerIngressBuilder().withHostname("lb.example").withIp("10.1.0.1").build(),
            new LoadBalancerIngressBuilder().build(),
            new LoadBalancerIngressBuilder().withIp("10.1.0.2").build());

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(snapshot);

    // Then
    assertThat(endpoints)
        .contains(
            new EndpointsStatus(
                "lb.example:5432",
                INTERNAL,
                new ExternalEndpoint(List.of("lb.example", "10.1.0.2"), 5432)));
  }

  @Test
  void hasNoExternalEndpointBeforeLoadBalancerHasAddress() {
    // Given
    Snapshot snapshot = balanced();

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(snapshot);

    // Then
    assertThat(endpoints).contains(new EndpointsStatus("orders.shop.svc:5432", INTERNAL, null));
  }

  @Test
  void limitsIngressHostsToMaximumOfCrd() {
    // Given
    Snapshot snapshot =
        balanced(
            IntStream.range(0, 100)
                .mapToObj(i -> new LoadBalancerIngressBuilder().withIp("10.1.0." + i).build())
                .toArray(LoadBalancerIngress[]::new));

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(snapshot);

    // Then
    assertThat(endpoints.orElseThrow().external().hosts())
        .hasSize(ExternalEndpoint.MAX_HOSTS)
        .startsWith("10.1.0.0", "10.1.0.1");
  }

  @Test
  void limitsNodeHostsToMaximumOfCrd() {
    // Given
    Snapshot snapshot =
        Snapshots.withNodes(
            Snapshots.withNodePort(Snapshots.of("{}"), 30432),
            IntStream.range(0, 100).mapToObj(i -> "10.0.0." + i).toArray(String[]::new));

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(snapshot);

    // Then
    assertThat(endpoints.orElseThrow().external().hosts()).hasSize(ExternalEndpoint.MAX_HOSTS);
  }

  @ParameterizedTest
  @CsvSource({"NodePort, db.example.com:30432", "LoadBalancer, db.example.com:5432"})
  void listsOnlyAdvertisedHost(String type, String address) {
    // Given
    Snapshot snapshot =
        Snapshots.of("service: {type: %s, advertisedHost: db.example.com}".formatted(type));
    snapshot = Snapshots.withNodes(Snapshots.withNodePort(snapshot, 30432), "10.0.0.1");
    snapshot =
        snapshot.with(
            new ServiceBuilder(snapshot.get(ObjectKey.SERVICE).orElseThrow())
                .withNewStatus()
                .withNewLoadBalancer()
                .addNewIngress()
                .withIp("10.1.0.1")
                .endIngress()
                .endLoadBalancer()
                .endStatus()
                .build());

    // When
    EndpointsStatus endpoints = Endpoints.of(snapshot).orElseThrow();

    // Then
    assertThat(endpoints.external().hosts()).containsExactly("db.example.com");
    assertThat(endpoints.address()).isEqualTo(address);
  }

  @Test
  void listsOnlyNodeOfPodForLocalTraffic() {
    // Given
    Snapshot snapshot = local();
    snapshot = Snapshots.with(snapshot, on("node-2", Pods.started(snapshot)));

    // When
    EndpointsStatus endpoints = Endpoints.of(snapshot).orElseThrow();

    // Then
    assertThat(endpoints.external().hosts()).containsExactly("10.0.0.2");
  }

  @Test
  void keepsHostForLocalTrafficWhileThereIsNoPod() {
    // Given
    Snapshot snapshot = local();
    PostgresInstance instance = snapshot.instance();
    instance.setStatus(
        new PostgresInstanceStatus(
            1L,
            List.of(),
            new EndpointsStatus("", null, new ExternalEndpoint(List.of("gone", "10.0.0.2"), 30432)),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null));

    // When
    EndpointsStatus endpoints = Endpoints.of(snapshot).orElseThrow();

    // Then
    assertThat(endpoints.external().hosts()).containsExactly("10.0.0.2");
  }

  @Test
  void showsOnlyPortForLocalTrafficOnUnknownNode() {
    // Given
    Snapshot snapshot = local();
    snapshot = Snapshots.with(snapshot, on("new", Pods.started(snapshot)));

    // When
    EndpointsStatus endpoints = Endpoints.of(snapshot).orElseThrow();

    // Then
    assertThat(endpoints.address()).isEqualTo(":30432");
  }

  @Test
  void ignoresServiceOfAnotherOwner() {
    // Given
    Snapshot snapshot = Snapshots.withNodePort(Snapshots.of("{}"), 30432);
    Service foreign =
        new ServiceBuilder(snapshot.get(ObjectKey.SERVICE).orElseThrow())
            .editMetadata()
            .withAnnotations(null)
            .endMetadata()
            .build();

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(snapshot.with(foreign));

    // Then
    assertThat(endpoints).isEmpty();
  }

  private static Snapshot local() {
    return Snapshots.withNodes(
        Snapshots.withNodePort(Snapshots.of("service: {externalTrafficPolicy: Local}"), 30432),
        "10.0.0.1",
        "10.0.0.2");
  }

  private static Pod on(String node, Pod pod) {
    return new PodBuilder(pod).editSpec().withNodeName(node).endSpec().build();
  }

  private static Snapshot balanced(LoadBalancerIngress... ingress) {
    Snapshot snapshot = Snapshots.of("service: {type: LoadBalancer}");
    return Snapshots.withNodes(
        snapshot.with(
            new ServiceBuilder(InstanceService.desired(snapshot))
                .withNewStatus()
                .withNewLoadBalancer()
                .withIngress(ingress)
                .endLoadBalancer()
                .endStatus()
                .build()),
        "10.0.0.1");
  }
}
