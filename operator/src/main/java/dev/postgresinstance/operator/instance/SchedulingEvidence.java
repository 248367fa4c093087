package dev.postgresinstance.operator.instance;

import java.time.Instant;
import java.util.Optional;

/**
 * What events and nodes say about an instance that does not start.
 *
 * @param podRefusal why the StatefulSet controller cannot create the pod: message of the API server
 * @param claim why the claim has no volume: message of the provisioner
 * @param volume why the volume is not mounted: message of the node or the driver
 * @param node the pod's node, if it is lost
 */
public record SchedulingEvidence(
    Optional<String> podRefusal,
    Optional<String> claim,
    Optional<String> volume,
    Optional<LostNode> node) {

  /** Nothing was read, or nothing is wrong. */
  public static final SchedulingEvidence NONE =
      new SchedulingEvidence(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * A node that the cluster reports as not ready, or that was removed.
   *
   * @param name of the node
   * @param since when the node became not ready; empty when it was removed
   * @param message why the node is not ready, as the cluster reports it
   */
  public record LostNode(String name, Optional<Instant> since, String message) {}
}
