package dev.postgresinstance.operator.kubernetes.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.postgresinstance.operator.instance.SchedulingEvidence.LostNode;
import dev.postgresinstance.operator.kubernetes.MockApiServer;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeListBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class NodesTest {

  private static final String FIRST_PAGE = "/api/v1/nodes?limit=50";

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  @Test
  void returnsExternalOrInternalAddressSortedByNodeName() {
    // Given
    answer(
        node("b", address("Hostname", "b"), address("InternalIP", "10.0.0.2")),
        node("c", address("Hostname", "c")),
        node("a", address("InternalIP", "10.0.0.1"), address("ExternalIP", "192.0.2.1")));
    Nodes nodes = new Nodes(api.client());

    // When
    Map<String, String> hosts = nodes.hosts(Optional.empty());

    // Then
    assertThat(hosts).containsExactly(entry("a", "192.0.2.1"), entry("b", "10.0.0.2"));
  }

  @Test
  void readsNodesByPages() {
    // Given
    answer(FIRST_PAGE, "more", node("a", address("InternalIP", "10.0.0.1")));
    answer(
        "/api/v1/nodes?continue=more&limit=50", "", node("b", address("InternalIP", "10.0.0.2")));
    Nodes nodes = new Nodes(api.client());

    // When
    Map<String, String> hosts = nodes.hosts(Optional.empty());

    // Then
    assertThat(hosts).containsExactly(entry("a", "10.0.0.1"), entry("b", "10.0.0.2"));
  }

  @Test
  void reusesAddresses() {
    // Given
    answer(node("a", address("InternalIP", "10.0.0.1")));
    Nodes nodes = new Nodes(api.client());
    nodes.hosts(Optional.empty());

    // When
    Map<String, String> hosts = nodes.hosts(Optional.empty());

    // Then
    assertThat(hosts).containsExactly(entry("a", "10.0.0.1"));
    assertThat(api.server().getRequestCount()).isEqualTo(1);
  }

  @Test
  void returnsNoAddressesWithoutPermissionAndDoesNotRetryAtOnce() {
    // Given
    api.server().expect().get().withPath(FIRST_PAGE).andReturn(403, "").always();
    Nodes nodes = new Nodes(api.client());
    nodes.hosts(Optional.empty());

    // When
    Map<String, String> hosts = nodes.hosts(Optional.empty());

    // Then
    assertThat(hosts).isEmpty();
    assertThat(api.server().getRequestCount()).isEqualTo(1);
  }

  @Test
  void retriesSoonAfterTemporaryFailure() {
    // Given
    api.server().expect().get().withPath(FIRST_PAGE).andReturn(503, "").once();
    answer(node("a", address("InternalIP", "10.0.0.1")));
    Nodes nodes = new Nodes(api.client(), Duration.ZERO);
    nodes.hosts(Optional.empty());

    // When
    Map<String, String> hosts = nodes.hosts(Optional.empty());

    // Then
    assertThat(hosts).containsExactly(entry("a", "10.0.0.1"));
  }

  @Test
  void unknownNodeDoesNotCauseARefreshAtOnce() {
    // Given
    answer(node("a", address("InternalIP", "10.0.0.1")));
    Nodes nodes = new Nodes(api.client());
    nodes.hosts(Optional.empty());

    // When
    Map<String, String> hosts = nodes.hosts(Optional.of("new"));

    // Then
    assertThat(hosts).containsExactly(entry("a", "10.0.0.1"));
    assertThat(api.server().getRequestCount()).isEqualTo(1);
  }

  @Test
  void concurrentChecksOfANodeCauseOneRequest() throws Exception {
    // Given
    api.server()
        .expect()
        .get()
        .withPath("/api/v1/nodes?fieldSelector=metadata.name%3Dgone")
        .andReturn(200, new NodeListBuilder().build())
        .always();
    Nodes nodes = new Nodes(api.client());

    // When
    List<Future<Optional<LostNode>>> answers;
    try (ExecutorService many = Executors.newFixedThreadPool(8)) {
      answers = many.invokeAll(Collections.nCopies(50, () -> nodes.lost("gone")));
    }

    // Then
    for (Future<Optional<LostNode>> answer : answers) {
      assertThat(answer.get()).map(LostNode::name).contains("gone");
    }
    assertThat(api.server().getRequestCount()).isEqualTo(1);
  }

  @Test
  void nodeWhoseConditionHasNoTimeIsLostSinceItsCreation() {
    // Given
    Node node =
        new NodeBuilder()
            .withNewMetadata()
            .withName("a")
            .withCreationTimestamp("2026-01-01T00:00:00Z")
            .endMetadata()
            .withNewStatus()
            .addNewCondition()
            .withType("Ready")
            .withStatus("False")
            .endCondition()
            .endStatus()
            .build();
    answer("/api/v1/nodes?fieldSelector=metadata.name%3Da", null, node);
    Nodes nodes = new Nodes(api.client());

    // When
    Optional<LostNode> lost = nodes.lost("a");

    // Then
    assertThat(lost)
        .contains(
            new LostNode(
                "a", Optional.of(Instant.parse("2026-01-01T00:00:00Z")), "it is not ready"));
  }

  private void answer(Node... nodes) {
    answer(FIRST_PAGE, null, nodes);
  }

  private void answer(String path, String next, Node... nodes) {
    api.server()
        .expect()
        .get()
        .withPath(path)
        .andReturn(
            200,
            new NodeListBuilder()
                .withNewMetadata()
                .withContinue(next)
                .endMetadata()
                .withItems(nodes)
                .build())
        .once();
  }

  private static Node node(String name, NodeAddress... addresses) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewStatus()
        .withAddresses(addresses)
        .endStatus()
        .build();
  }

  private static NodeAddress address(String type, String address) {
    return new NodeAddress(address, type);
  }
}
