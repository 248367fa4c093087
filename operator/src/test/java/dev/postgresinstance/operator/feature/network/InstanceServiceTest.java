package dev.postgresinstance.operator.feature.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstanceServiceTest {

  @ParameterizedTest
  @CsvSource({
    "service: {nodePort: 30001}, 30001",
    "{}, 30432",
    "service: {type: LoadBalancer}, 30432",
    "service: {type: ClusterIP},"
  })
  void requestsNodePortOfSpecOrPreviousOneWhereTypeHasOne(String spec, Integer requested) {
    // Given
    Snapshot snapshot = withRecordedNodePort(Snapshots.of(spec), 30432);

    // When
    Optional<Integer> port = InstanceService.requestedNodePort(snapshot);

    // Then
    assertThat(port).isEqualTo(Optional.ofNullable(requested));
  }

  @Test
  void leavesNodePortToClusterWithoutSpecAndRecord() {
    // When
    Optional<Integer> port = InstanceService.requestedNodePort(Snapshots.of("{}"));

    // Then
    assertThat(port).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"30432, 30432,", "30432, 30433, 30432", "30432,, 30432"})
  void omitsNodePortThatServiceHasAlready(int recorded, Integer present, Integer requested) {
    // Given
    Snapshot snapshot = withRecordedNodePort(Snapshots.of("{}"), recorded);
    snapshot = present == null ? snapshot : Snapshots.withNodePort(snapshot, present);

    // When
    Service service = InstanceService.desired(snapshot);

    // Then
    assertThat(service.getSpec().getPorts().getFirst().getNodePort()).isEqualTo(requested);
  }

  @Test
  void fallsBackToClusterIpWhenNodePortIsUnavailable() {
    // Given
    Snapshot snapshot = Snapshots.of("service: {nodePort: 30001}");

    // When
    Service service = InstanceService.withoutNewPort(snapshot);

    // Then
    assertThat(service.getSpec().getType()).isEqualTo("ClusterIP");
    assertThat(service.getSpec().getPorts())
        .singleElement()
        .satisfies(port -> assertThat(port.getNodePort()).isNull());
  }

  @Test
  void keepsPresentNodePortWhenNewOneIsUnavailable() {
    // Given
    Snapshot snapshot = Snapshots.withNodePort(Snapshots.of("{}"), 30432);
    snapshot =
        Snapshots.withSpec(snapshot, "service: {nodePort: 30001, annotations: {example.com/a: b}}");

    // When
    Service service = InstanceService.withoutNewPort(snapshot);

    // Then
    assertThat(service.getSpec().getType()).isEqualTo("NodePort");
    assertThat(service.getSpec().getPorts().getFirst().getNodePort()).isEqualTo(30432);
    assertThat(service.getMetadata().getAnnotations()).containsEntry("example.com/a", "b");
  }

  @Test
  void remembersNodePortWhileTypeIsClusterIp() {
    // Given
    Snapshot snapshot = withRecordedNodePort(Snapshots.of("{}"), 30432);
    snapshot = Snapshots.withSpec(snapshot, "service: {type: ClusterIP}");
    snapshot = snapshot.with(InstanceService.desired(snapshot));
    snapshot = snapshot.with(DataClaim.desired(snapshot, Optional.empty()));

    // When
    Optional<Integer> port = InstanceService.requestedNodePort(Snapshots.withSpec(snapshot, "{}"));

    // Then
    assertThat(port).contains(30432);
  }

  @ParameterizedTest
  @CsvSource({"ClusterIP,,", "NodePort,Local,", "LoadBalancer,Local,192.0.2.0/24"})
  void setsOnlyFieldsOfServiceType(String type, String policy, String range) {
    // Given
    Snapshot snapshot =
        Snapshots.of(
            "service: {type: %s, externalTrafficPolicy: Local, loadBalancerSourceRanges: [192.0.2.0/24]}"
                .formatted(type));

    // When
    Service service = InstanceService.desired(snapshot);

    // Then
    assertThat(service.getSpec().getExternalTrafficPolicy()).isEqualTo(policy);
    assertThat(service.getSpec().getLoadBalancerSourceRanges())
        .isEqualTo(range == null ? List.of() : List.of(range));
  }

  private static Snapshot withRecordedNodePort(Snapshot snapshot, int port) {
    Snapshot before = Snapshots.withNodePort(snapshot, port);
    return snapshot.with(DataClaim.desired(before, Optional.empty()));
  }
}
