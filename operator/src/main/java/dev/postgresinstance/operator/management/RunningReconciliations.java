package dev.postgresinstance.operator.management;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.processing.GroupVersionKind;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The reconciliations that wait and run, and when those of instances last succeeded. */
final class RunningReconciliations {

  /** Resources of two kinds may have the same name. */
  private record Key(String kind, ResourceID resource) {

    static Key of(HasMetadata resource) {
      return new Key(resource.getKind(), ResourceID.fromResource(resource));
    }
  }

  private static final String INSTANCE = HasMetadata.getKind(PostgresInstance.class);

  private final Set<Key> queued = ConcurrentHashMap.newKeySet();

  /** Start of each running reconciliation. */
  private final Map<Key, Instant> running = new ConcurrentHashMap<>();

  /** End of the last successful reconciliation, or the first request of a reconciliation. */
  private final Map<ResourceID, Instant> succeeded = new ConcurrentHashMap<>();

  int queued() {
    return queued.size();
  }

  int running() {
    return running.size();
  }

  /** How long the oldest running reconciliation has been running; zero if none is running. */
  Duration longest() {
    return oldest(running.values());
  }

  /** Time since the last successful reconciliation of an instance, maximum over all of them. */
  Duration oldestSuccess() {
    return oldest(succeeded.values());
  }

  private static Duration oldest(Collection<Instant> times) {
    return times.stream()
        .min(Instant::compareTo)
        .map(time -> Duration.between(time, Instant.now()))
        .orElse(Duration.ZERO);
  }

  void requested(HasMetadata resource) {
    if (resource instanceof PostgresInstance) {
      succeeded.putIfAbsent(ResourceID.fromResource(resource), Instant.now());
    }
    queued.add(Key.of(resource));
  }

  void started(HasMetadata resource) {
    queued.remove(Key.of(resource));
    running.put(Key.of(resource), Instant.now());
  }

  void finished(HasMetadata resource) {
    running.remove(Key.of(resource));
  }

  void succeeded(HasMetadata resource) {
    if (resource instanceof PostgresInstance) {
      succeeded.put(ResourceID.fromResource(resource), Instant.now());
    }
  }

  /**
   * Forgets a deleted resource.
   *
   * @param metadata of the framework: has the kind of the resource
   * @return whether it was an instance
   */
  boolean forget(ResourceID resource, Map<String, Object> metadata) {
    String kind =
        metadata.get(Constants.RESOURCE_GVK_KEY) instanceof GroupVersionKind gvk
            ? gvk.getKind()
            : INSTANCE;
    boolean isInstance = kind.equals(INSTANCE);
    queued.remove(new Key(kind, resource));
    if (isInstance) {
      succeeded.remove(resource);
    }
    return isInstance;
  }

  /** A reconciliation can end after the deletion of its instance and add it again. */
  void retainInstances(Set<ResourceID> present) {
    succeeded.keySet().retainAll(present);
  }
}
