package dev.postgresinstance.operator.children;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstanceServiceTest {

  @Test
  void portOfTheSpecIsAskedFor() {
    // Given
    World world = remembering(Worlds.of("service: {nodePort: 30001}"), 30432);

    // When
    Optional<Integer> port = InstanceService.requestedNodePort(world);

    // Then
    assertThat(port).contains(30001);
  }

  @Test
  void portThatItHadLastIsAskedForAgain() {
    // Given
    World world = remembering(Worlds.of("{}"), 30432);

    // When
    Optional<Integer> port = InstanceService.requestedNodePort(world);

    // Then
    assertThat(port).contains(30432);
  }

  @Test
  void clusterChoosesWhereNothingIsSaidOrRemembered() {
    // When
    Optional<Integer> port = InstanceService.requestedNodePort(Worlds.of("{}"));

    // Then
    assertThat(port).isEmpty();
  }

  @Test
  void insideTheClusterThereIsNone() {
    // Given
    World world = remembering(Worlds.of("service: {type: ClusterIP}"), 30432);

    // When
    Optional<Integer> port = InstanceService.requestedNodePort(world);

    // Then
    assertThat(port).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"30432, 30432,", "30432, 30433, 30432", "30432,, 30432"})
  void aPortThatItHasUnaskedIsNotNamed(int remembered, Integer present, Integer named) {
    // Given
    World world = remembering(Worlds.of("{}"), remembered);
    world = present == null ? world : Worlds.withNodePort(world, present);

    // When
    Service service = InstanceService.desired(world);

    // Then
    assertThat(service.getSpec().getPorts().getFirst().getNodePort()).isEqualTo(named);
  }

  @Test
  void whileThePortCannotBeHadItIsReachableInside() {
    // Given
    World world = Worlds.of("service: {nodePort: 30001}");

    // When
    Service service = InstanceService.withoutNewPort(world);

    // Then
    assertThat(service.getSpec().getType()).isEqualTo("ClusterIP");
    assertThat(service.getSpec().getPorts())
        .singleElement()
        .satisfies(port -> assertThat(port.getNodePort()).isNull());
  }

  @Test
  void whileANewPortCannotBeHadItStaysAtTheOneItHas() {
    // Given
    World world = Worlds.withNodePort(Worlds.of("{}"), 30432);
    world = Worlds.changed(world, "service: {nodePort: 30001, annotations: {example.com/a: b}}");

    // When
    Service service = InstanceService.withoutNewPort(world);

    // Then
    assertThat(service.getSpec().getType()).isEqualTo("NodePort");
    assertThat(service.getSpec().getPorts().getFirst().getNodePort()).isEqualTo(30432);
    assertThat(service.getMetadata().getAnnotations()).containsEntry("example.com/a", "b");
  }

  @Test
  void portIsRememberedForAsLongAsItIsReachableInsideOnly() {
    // Given
    World world = remembering(Worlds.of("{}"), 30432);
    world = Worlds.changed(world, "service: {type: ClusterIP}");
    world = world.with(InstanceService.desired(world));
    world = world.with(DataClaim.desired(world, Optional.empty()));

    // When
    Optional<Integer> port = InstanceService.requestedNodePort(Worlds.changed(world, "{}"));

    // Then
    assertThat(port).contains(30432);
  }

  @Test
  void aLoadBalancerAsksForThePortThatItHadAsANodePort() {
    // Given
    World world = remembering(Worlds.of("service: {type: LoadBalancer}"), 30432);

    // When
    Optional<Integer> port = InstanceService.requestedNodePort(world);

    // Then
    assertThat(port).contains(30432);
  }

  @ParameterizedTest
  @CsvSource({"ClusterIP,,", "NodePort,Local,", "LoadBalancer,Local,192.0.2.0/24"})
  void eachTypeIsGivenWhatItKnows(String type, String policy, String range) {
    // Given
    World world =
        Worlds.of(
            "service: {type: %s, externalTrafficPolicy: Local, loadBalancerSourceRanges: [192.0.2.0/24]}"
                .formatted(type));

    // When
    Service service = InstanceService.desired(world);

    // Then
    assertThat(service.getSpec().getExternalTrafficPolicy()).isEqualTo(policy);
    assertThat(service.getSpec().getLoadBalancerSourceRanges())
        .isEqualTo(range == null ? List.of() : List.of(range));
  }

  private static World remembering(World world, int port) {
    World before = Worlds.withNodePort(world, port);
    return world.with(DataClaim.desired(before, Optional.empty()));
  }
}
