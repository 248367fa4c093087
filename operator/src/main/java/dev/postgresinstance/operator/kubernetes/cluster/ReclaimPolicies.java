package dev.postgresinstance.operator.kubernetes.cluster;

import dev.postgresinstance.operator.kubernetes.ApiErrors;
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
 * The reclaim policies of the volumes. Read periodically instead of watched: a reclaim policy
 * hardly ever changes, and a watch would include the volumes of others.
 */
public final class ReclaimPolicies {

  private static final Logger log = LoggerFactory.getLogger(ReclaimPolicies.class);
  private static final Duration REFRESH_INTERVAL = Duration.ofMinutes(10);

  /** Shorter, so that a user who changes the policy to keep the data soon sees the effect. */
  private static final Duration REFRESH_INTERVAL_DURING_DELETION = Duration.ofSeconds(10);

  private static final Duration RETRY_INTERVAL = Duration.ofMinutes(1);

  private record Reading(Optional<String> policy, Instant at) {

    boolean isOlderThan(Duration age) {
      return at.isBefore(Instant.now().minus(age));
    }
  }

  private final KubernetesClient client;
  private final Map<String, Reading> readings = new ConcurrentHashMap<>();
  private volatile Instant failedAt = Instant.MIN;

  /** Creates a reader that has not read any volume yet. */
  public ReclaimPolicies(KubernetesClient client) {
    this.client = client;
  }

  /** The reclaim policy of the claim's volume; empty without a volume, or if it cannot be read. */
  public Optional<String> reclaimPolicy(PersistentVolumeClaim claim) {
    String volume = claim.getSpec().getVolumeName();
    if (volume == null || volume.isEmpty()) {
      return Optional.empty();
    }
    boolean isDeleting = claim.getMetadata().getDeletionTimestamp() != null;
    Reading last = readings.getOrDefault(volume, new Reading(Optional.empty(), Instant.MIN));
    if (!last.isOlderThan(isDeleting ? REFRESH_INTERVAL_DURING_DELETION : REFRESH_INTERVAL)
        || failedAt.isAfter(Instant.now().minus(RETRY_INTERVAL))) {
      return last.policy();
    }
    try {
      Optional<String> policy =
          Optional.ofNullable(client.persistentVolumes().withName(volume).get())
              .map(PersistentVolume::getSpec)
              .map(spec -> spec.getPersistentVolumeReclaimPolicy());
      // Readings that were not refreshed belong to deleted claims.
      readings.values().removeIf(r -> r.isOlderThan(REFRESH_INTERVAL.multipliedBy(2)));
      readings.put(volume, new Reading(policy, Instant.now()));
      return policy;
    } catch (KubernetesClientException e) {
      failedAt = Instant.now();
      log.info("Cannot read the reclaim policies of volumes: {}", ApiErrors.describe(e));
      return last.policy();
    }
  }
}
