package dev.postgresinstance.operator.instance;

import java.util.Map;
import java.util.Optional;

/**
 * What a reconciliation knows of the cluster beyond the objects of the instance.
 *
 * @param nodeHosts address of each node by the node's name; empty where the operator may not list
 *     nodes
 * @param reclaimPolicy reclaim policy of the claim's volume; empty while the claim has no volume,
 *     or where the operator may not read volumes
 */
public record ClusterFacts(Map<String, String> nodeHosts, Optional<String> reclaimPolicy) {

  /** Nothing is known. */
  public static final ClusterFacts UNKNOWN = new ClusterFacts(Map.of(), Optional.empty());
}
