package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.operator.common.BoundedMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * No pass reads an object as it was before an earlier pass has read it. When a watch was cut the
 * API server may list an older state, or tell of it once more; what was asked for then would be
 * done again in place of what is asked for now.
 */
final class ReadYourReads {

  private final Map<String, Long> versions = BoundedMap.empty();

  /**
   * An object as the cache has it, if that is not older than what was read last.
   *
   * @param key names the object, with its kind
   * @param live asks the API server, whose answer counts in any case: its state may be one from a
   *     backup
   */
  <R extends HasMetadata> Optional<R> of(
      String key, Optional<R> cached, Supplier<Optional<R>> live) {
    Long before = versions.get(key);
    Optional<R> latest =
        before == null || cached.filter(object -> version(object) >= before).isPresent()
            ? cached
            : live.get();
    latest.ifPresentOrElse(
        object -> versions.put(key, version(object)), () -> versions.remove(key));
    return latest;
  }

  /** The API server counts up. */
  private static long version(HasMetadata object) {
    return Long.parseLong(object.getMetadata().getResourceVersion());
  }
}
