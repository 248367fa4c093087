package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.operator.report.Abort;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of the volumes when their claims are deleted. Read once in a while instead of
 * watched: it hardly ever changes, and the cluster's other volumes are none of our business.
 */
final class ReclaimPolicies {

  private static final Logger log = LoggerFactory.getLogger(ReclaimPolicies.class);
  private static final Duration FRESH = Duration.ofMinutes(10);

  /** A person who wants to save the data of a claim that goes wants to see that it worked. */
  private static final Duration FRESH_WHILE_CLAIM_GOES = Duration.ofSeconds(10);

  private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);

  private record Read(Optional<String> policy, Instant at) {

    boolean isOlderThan(Duration age) {
      return at.isBefore(Instant.now().minus(age));
    }
  }

  private final KubernetesClient client;
  private final Map<String, Read> reads = new ConcurrentHashMap<>();
  private volatile Instant failedAt = Instant.MIN;

  ReclaimPolicies(KubernetesClient client) {
    this.client = client;
  }

  /** The reclaim policy of the claim's volume; empty without one, or where it may not be read. */
  Optional<String> reclaimPolicy(PersistentVolumeClaim claim) {
    String volume = claim.getSpec().getVolumeName();
    if (volume == null || volume.isEmpty()) {
      return Optional.empty();
    }
    boolean goes = claim.getMetadata().getDeletionTimestamp() != null;
    Read last = reads.getOrDefault(volume, new Read(Optional.empty(), Instant.MIN));
    if (!last.isOlderThan(goes ? FRESH_WHILE_CLAIM_GOES : FRESH)
        || failedAt.isAfter(Instant.now().minus(AFTER_FAILURE))) {
      return last.policy();
    }
    try {
      Optional<String> policy =
          Optional.ofNullable(client.persistentVolumes().withName(volume).get())
              .map(PersistentVolume::getSpec)
              .map(spec -> spec.getPersistentVolumeReclaimPolicy());
      reads.values().removeIf(read -> read.isOlderThan(FRESH.multipliedBy(2))); // they are gone
      reads.put(volume, new Read(policy, Instant.now()));
      return policy;
    } catch (KubernetesClientException e) {
      failedAt = Instant.now();
      log.info("reclaim policies of volumes are not known: {}", Abort.inShort(e));
      return last.policy();
    }
  }
}
