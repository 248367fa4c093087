package dev.postgresinstance.operator.kubernetes.cluster;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where a request that the operator can do without was denied: it is not repeated for a minute.
 * Permissions differ between namespaces.
 */
final class Denials {

  private static final Duration RETRY_INTERVAL = Duration.ofMinutes(1);

  private final Map<String, Instant> deniedAt = new ConcurrentHashMap<>();

  /** Whether the request was denied in the namespace within the last minute. */
  boolean isDenied(String namespace) {
    return deniedAt
        .getOrDefault(namespace, Instant.MIN)
        .isAfter(Instant.now().minus(RETRY_INTERVAL));
  }

  /** Records a failed request, if a permission is missing. */
  void failed(String namespace, KubernetesClientException failure) {
    if (failure.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
      deniedAt.put(namespace, Instant.now());
    }
  }
}
