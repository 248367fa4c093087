package dev.postgresinstance.operator.instance;

import java.time.Instant;
import java.util.Optional;

/**
 * What the cluster's own parts say of an instance that does not come up, as far as they were asked.
 *
 * @param podRefusal why no pod can be made, in the words of the API server
 * @param claim why the claim has no volume, in the words of its provisioner
 * @param volume why the volume is not in the pod, in the words of the node or the driver
 * @param node the pod's node, if it is lost
 */
public record SchedulingEvidence(
    Optional<String> podRefusal,
    Optional<String> claim,
    Optional<String> volume,
    Optional<LostNode> node) {

  /** Nothing was asked, or nothing is said. */
  public static final SchedulingEvidence NONE =
      new SchedulingEvidence(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * A node that its cluster does not count on.
   *
   * @param since when that began; empty when there is no such node any more
   * @param words the reason, as the cluster says it
   */
  public record LostNode(String name, Optional<Instant> since, String words) {}
}
