package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.operator.common.BoundedMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Ensures that no reconciliation reads an older version of an object than an earlier one did. After
 * an interrupted watch the API server may list an older state, or send it again; the operator would
 * then apply an outdated spec in place of the current one.
 */
final class ReadYourReads {

  private final Map<String, Long> versions = BoundedMap.threadSafe();

  /**
   * Returns the cached object, or the live one if the cached object is older than the last one that
   * was read.
   *
   * @param key identifies the object, including its kind
   * @param live reads the object from the API server. Its answer is accepted even if it is older,
   *     because the state of the cluster may have been restored from a backup.
   */
  <R extends HasMetadata> Optional<R> latest(
      String key, Optional<R> cached, Supplier<Optional<R>> live) {
    Long lastRead = versions.get(key);
    Optional<R> latest =
        lastRead == null || cached.filter(object -> version(object) >= lastRead).isPresent()
            ? cached
            : live.get();
    latest.ifPresentOrElse(
        object -> versions.put(key, version(object)), () -> versions.remove(key));
    return latest;
  }

  /** The API server increments the resource version with each write. */
  private static long version(HasMetadata object) {
    return Long.parseLong(object.getMetadata().getResourceVersion());
  }
}
