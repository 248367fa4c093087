package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.operator.instance.SchedulingEvidence.LostNode;
import dev.postgresinstance.operator.report.Abort;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Utils;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses by which clients outside reach the cluster's nodes, of each node the external one,
 * else the internal one; and which of them are lost. Read every few minutes instead of watched: a
 * node's status changes with each heartbeat, its address hardly ever.
 */
final class Nodes {

  private static final Logger log = LoggerFactory.getLogger(Nodes.class);
  private static final Duration FRESH = Duration.ofMinutes(5);
  private static final Duration NEW = Duration.ofSeconds(10);

  /** Many instances may be on a node that is lost. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  /** A node has tens of kilobytes to say of itself, and a cluster may have thousands of them. */
  private static final long PAGE = 50;

  private static final List<String> TYPES = List.of("ExternalIP", "ExternalDNS", "InternalIP");

  private final KubernetesClient client;
  private final Map<String, Look> looks = new ConcurrentHashMap<>();
  private Map<String, String> hosts = Map.of();
  private Instant readAt = Instant.MIN;

  private record Look(Optional<LostNode> lost, Instant at) {

    boolean isOld() {
      return at.isBefore(Instant.now().minus(LOOK));
    }
  }

  Nodes(KubernetesClient client) {
    this.client = client;
  }

  /**
   * The address of each node by its name, in the order of names; none where they may not be read.
   *
   * @param needed name of a node whose address is needed; it may have joined the cluster just now
   */
  synchronized Map<String, String> hosts(Optional<String> needed) {
    // None at all are known where they may not be read: to ask again soon would not help.
    boolean isNew = needed.filter(node -> !hosts.isEmpty() && !hosts.containsKey(node)).isPresent();
    if (readAt.isBefore(Instant.now().minus(isNew ? NEW : FRESH))) {
      readAt = Instant.now();
      try {
        hosts = read();
      } catch (KubernetesClientException e) {
        log.info(
            "addresses of nodes are not known, endpoints name the port only: {}", Abort.inShort(e));
      }
    }
    return hosts;
  }

  /** Whether that node is lost, as of a few seconds ago; no where it may not be read. */
  Optional<LostNode> lost(String name) {
    looks.values().removeIf(Look::isOld);
    // By one of those who ask at the same time: they may be many.
    return looks.computeIfAbsent(name, node -> new Look(lookAt(node), Instant.now())).lost();
  }

  private Optional<LostNode> lookAt(String name) {
    try {
      // By name in a list: to read any node needs no right of its own.
      List<Node> found = client.nodes().withField("metadata.name", name).list().getItems();
      return found.isEmpty()
          ? Optional.of(new LostNode(name, Optional.empty(), "it was removed from the cluster"))
          : found.getFirst().getStatus().getConditions().stream()
              .filter(condition -> "Ready".equals(condition.getType()))
              .filter(condition -> !"True".equals(condition.getStatus()))
              .map(
                  condition ->
                      new LostNode(
                          name,
                          Optional.of(Instant.parse(condition.getLastTransitionTime())),
                          condition.getMessage()))
              .findFirst();
    } catch (KubernetesClientException e) {
      log.debug("nodes may not be read", e);
      return Optional.empty();
    }
  }

  private Map<String, String> read() {
    Map<String, String> read = new TreeMap<>();
    ListOptions options = new ListOptionsBuilder().withLimit(PAGE).build();
    do {
      NodeList page = client.nodes().list(options);
      page.getItems()
          .forEach(
              node ->
                  TYPES.stream()
                      .flatMap(type -> addresses(node).filter(a -> type.equals(a.getType())))
                      .findFirst()
                      .ifPresent(a -> read.put(node.getMetadata().getName(), a.getAddress())));
      options.setContinue(page.getMetadata().getContinue());
    } while (!Utils.isNullOrEmpty(options.getContinue()));
    return Collections.unmodifiableMap(read);
  }

  private static Stream<NodeAddress> addresses(Node node) {
    return node.getStatus().getAddresses().stream();
  }
}
