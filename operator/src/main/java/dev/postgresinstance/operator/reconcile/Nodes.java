package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.ExternalEndpoint;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses by which clients outside reach the cluster's nodes: of each node the external one,
 * else the internal one. Read every few minutes instead of watched: a node's status changes with
 * each heartbeat, its address hardly ever.
 */
final class Nodes {

  private static final Logger log = LoggerFactory.getLogger(Nodes.class);
  private static final Duration FRESH = Duration.ofMinutes(5);
  private static final List<String> TYPES = List.of("ExternalIP", "ExternalDNS", "InternalIP");

  private final KubernetesClient client;
  private List<String> hosts = List.of();
  private Instant readAt = Instant.MIN;

  Nodes(KubernetesClient client) {
    this.client = client;
  }

  /** The nodes' addresses, in the order of their names; none where they may not be read. */
  synchronized List<String> hosts() {
    if (readAt.isBefore(Instant.now().minus(FRESH))) {
      readAt = Instant.now();
      try {
        hosts = read();
      } catch (KubernetesClientException e) {
        log.info(
            "addresses of nodes are not known, endpoints name the port only: {}", Refusal.words(e));
      }
    }
    return hosts;
  }

  private List<String> read() {
    return client.nodes().list().getItems().stream()
        .sorted(Comparator.comparing(node -> node.getMetadata().getName()))
        .map(node -> node.getStatus().getAddresses())
        .flatMap(
            addresses ->
                TYPES.stream()
                    .flatMap(type -> addresses.stream().filter(a -> type.equals(a.getType())))
                    .limit(1))
        .map(NodeAddress::getAddress)
        .limit(ExternalEndpoint.MAX_HOSTS) // a cluster of a thousand nodes is not a list to read
        .toList();
  }
}
