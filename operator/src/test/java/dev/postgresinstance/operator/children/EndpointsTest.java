package dev.postgresinstance.operator.children;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.api.v1alpha1.ExternalEndpoint;
import dev.postgresinstance.api.v1alpha1.InternalEndpoint;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EndpointsTest {

  private static final InternalEndpoint INTERNAL = new InternalEndpoint("orders.shop.svc", 5432);

  @Test
  void noneWithoutService() {
    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(Worlds.of("{}"));

    // Then
    assertThat(endpoints).isEmpty();
  }

  @Test
  void nodePortIsAtEachNodeAndTheFirstIsShown() {
    // Given
    World world = Worlds.withNodes(Worlds.withNodePort(Worlds.of("{}"), 30432), "10.0.0.1", "n2");

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(world);

    // Then
    assertThat(endpoints)
        .contains(
            new EndpointsStatus(
                "10.0.0.1:30432",
                INTERNAL,
                new ExternalEndpoint(List.of("10.0.0.1", "n2"), 30432)));
  }

  @Test
  void onlyThePortIsShownWhereNoNodeMayBeRead() {
    // Given
    World world = Worlds.withNodePort(Worlds.of("{}"), 30432);

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(world);

    // Then
    assertThat(endpoints)
        .contains(new EndpointsStatus(":30432", INTERNAL, new ExternalEndpoint(List.of(), 30432)));
  }

  @Test
  void addressOfIpv6StandsInBrackets() {
    // Given
    World world = Worlds.withNodes(Worlds.withNodePort(Worlds.of("{}"), 30432), "2001:db8::7");

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(world);

    // Then
    assertThat(endpoints).map(EndpointsStatus::address).contains("[2001:db8::7]:30432");
  }

  @Test
  void nodePortThatIsNotGivenYetIsNoEndpoint() {
    // Given
    World world = Worlds.of("{}");
    world = world.with(InstanceService.desired(world));

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(world);

    // Then
    assertThat(endpoints).contains(new EndpointsStatus("orders.shop.svc:5432", INTERNAL, null));
  }

  @Test
  void clusterIpIsReachedInsideOnly() {
    // Given
    World world = Worlds.of("service: {type: ClusterIP}");
    world = Worlds.withNodes(world.with(InstanceService.desired(world)), "10.0.0.1");

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(world);

    // Then
    assertThat(endpoints).contains(new EndpointsStatus("orders.shop.svc:5432", INTERNAL, null));
  }

  @Test
  void loadBalancerIsReachedByNameElseByAddressElseNotAtAll() {
    // Given
    World world =
        balanced(
            new LoadBalancerIngressBuilder().withHostname("lb.example").withIp("10.1.0.1").build(),
            new LoadBalancerIngressBuilder().build(),
            new LoadBalancerIngressBuilder().withIp("10.1.0.2").build());

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(world);

    // Then
    assertThat(endpoints)
        .contains(
            new EndpointsStatus(
                "lb.example:5432",
                INTERNAL,
                new ExternalEndpoint(List.of("lb.example", "10.1.0.2"), 5432)));
  }

  @Test
  void loadBalancerThatHasNoAddressYetIsNoEndpoint() {
    // Given
    World world = balanced();

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(world);

    // Then
    assertThat(endpoints).contains(new EndpointsStatus("orders.shop.svc:5432", INTERNAL, null));
  }

  @Test
  void ofManyIngressesAsManyAreListedAsTheDefinitionAdmits() {
    // Given
    World world =
        balanced(
            IntStream.range(0, 100)
                .mapToObj(i -> new LoadBalancerIngressBuilder().withIp("10.1.0." + i).build())
                .toArray(LoadBalancerIngress[]::new));

    // When
    Optional<EndpointsStatus> endpoints = Endpoints.of(world);

    // Then
    assertThat(endpoints.orElseThrow().external().hosts())
        .hasSize(ExternalEndpoint.MAX_HOSTS)
        .startsWith("10.1.0.0", "10.1.0.1");
  }

  private static World balanced(LoadBalancerIngress... ingress) {
    World world = Worlds.of("service: {type: LoadBalancer}");
    return Worlds.withNodes(
        world.with(
            new ServiceBuilder(InstanceService.desired(world))
                .withNewStatus()
                .withNewLoadBalancer()
                .withIngress(ingress)
                .endLoadBalancer()
                .endStatus()
                .build()),
        "10.0.0.1");
  }
}
