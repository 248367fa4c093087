package dev.postgresinstance.operator.kubernetes.cluster;

import dev.postgresinstance.operator.instance.SchedulingEvidence.LostNode;
import dev.postgresinstance.operator.kubernetes.ApiErrors;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeList;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Utils;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses at which clients outside the cluster reach its nodes (the external address of each
 * node, otherwise the internal one), and which nodes are lost. Nodes are listed every few minutes
 * instead of watched, because a node's status changes with each heartbeat, but its address hardly
 * ever changes.
 */
public final class Nodes {

  private static final Logger log = LoggerFactory.getLogger(Nodes.class);
  private static final Duration REFRESH_INTERVAL = Duration.ofMinutes(5);

  /** For a node that is not known yet, and while the first read has failed temporarily. */
  private static final Duration SHORT_REFRESH_INTERVAL = Duration.ofSeconds(10);

  /** How long a check of one node is reused: many instances may run on a lost node. */
  private static final Duration CHECK_TTL = Duration.ofSeconds(5);

  /** Page size of a list: a node takes tens of kilobytes, a cluster may have thousands of them. */
  private static final long PAGE_SIZE = 50;

  /** In the order of preference. */
  private static final List<String> ADDRESS_TYPES =
      List.of("ExternalIP", "ExternalDNS", "InternalIP");

  private final KubernetesClient client;
  private final Duration shortInterval;
  private final Map<String, Check> checks = new ConcurrentHashMap<>();
  private Map<String, String> hosts = Map.of();
  private Instant readAt = Instant.MIN;
  private boolean shouldRetry;

  private record Check(Optional<LostNode> lost, Instant at) {

    boolean isExpired() {
      return at.isBefore(Instant.now().minus(CHECK_TTL));
    }
  }

  /** Creates a reader that has not read any node yet. */
  public Nodes(KubernetesClient client) {
    this(client, SHORT_REFRESH_INTERVAL);
  }

  Nodes(KubernetesClient client, Duration shortInterval) {
    this.client = client;
    this.shortInterval = shortInterval;
  }

  /**
   * The address of each node by its name, sorted by name; empty if the operator may not list nodes.
   *
   * @param needed name of a node whose address is needed, and which may have joined just now
   */
  public synchronized Map<String, String> hosts(Optional<String> needed) {
    // If no node is known, the operator may not list nodes: an early refresh would not help.
    boolean isNew = needed.filter(node -> !hosts.isEmpty() && !hosts.containsKey(node)).isPresent();
    Duration interval = isNew || shouldRetry ? shortInterval : REFRESH_INTERVAL;
    if (readAt.isBefore(Instant.now().minus(interval))) {
      readAt = Instant.now();
      try {
        hosts = read();
        shouldRetry = false;
      } catch (KubernetesClientException e) {
        shouldRetry = hosts.isEmpty() && !ApiErrors.isPermanent(e);
        log.info(
            "Cannot read the addresses of nodes, external endpoints may lack a host: {}",
            ApiErrors.describe(e));
      }
    }
    return hosts;
  }

  /**
   * Why a node is lost, as of a few seconds ago; empty if it is not lost, or if the operator may
   * not list nodes.
   */
  public Optional<LostNode> lost(String name) {
    checks.values().removeIf(Check::isExpired);
    // computeIfAbsent, so that many concurrent callers cause only one request.
    return checks.computeIfAbsent(name, node -> new Check(check(node), Instant.now())).lost();
  }

  private Optional<LostNode> check(String name) {
    try {
      // A list by name needs only the permission to list nodes, not an additional one to get them.
      List<Node> found = client.nodes().withField("metadata.name", name).list().getItems();
      return found.isEmpty()
          ? Optional.of(new LostNode(name, Optional.empty(), "it was removed from the cluster"))
          : notReady(found.getFirst());
    } catch (KubernetesClientException e) {
      log.debug("Cannot list nodes", e);
      return Optional.empty();
    }
  }

  private static Optional<LostNode> notReady(Node node) {
    ObjectMeta metadata = node.getMetadata();
    return node.getStatus().getConditions().stream()
        .filter(condition -> "Ready".equals(condition.getType()))
        .filter(condition -> !"True".equals(condition.getStatus()))
        .map(
            condition ->
                new LostNode(
                    metadata.getName(),
                    // Time and message are optional fields of a condition.
                    Optional.ofNullable(condition.getLastTransitionTime())
                        .or(() -> Optional.ofNullable(metadata.getCreationTimestamp()))
                        .map(Instant::parse),
                    Objects.requireNonNullElse(condition.getMessage(), "it is not ready")))
        .findFirst();
  }

  private Map<String, String> read() {
    Map<String, String> read = new TreeMap<>();
    ListOptions options = new ListOptionsBuilder().withLimit(PAGE_SIZE).build();
    do {
      NodeList page = client.nodes().list(options);
      page.getItems()
          .forEach(
              node ->
                  ADDRESS_TYPES.stream()
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
