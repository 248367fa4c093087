package dev.postgresinstance.operator.children;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import java.util.Optional;
import org.junit.jupiter.api.Test;

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

  @Test
  void whileThePortCannotBeHadItIsReachableInside() {
    // Given
    World world = Worlds.of("service: {nodePort: 30001}");

    // When
    Service service = InstanceService.insideOnly(world);

    // Then
    assertThat(service.getSpec().getType()).isEqualTo("ClusterIP");
    assertThat(service.getSpec().getPorts())
        .singleElement()
        .satisfies(port -> assertThat(port.getNodePort()).isNull());
  }

  private static World remembering(World world, int port) {
    World before = Worlds.withNodePort(world, port);
    return world.with(DataClaim.desired(before, Optional.empty()));
  }
}
