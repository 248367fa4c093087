package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.operator.instance.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;

/**
 * The objects of one informer, of whose {@code managedFields} only those of the operator are kept:
 * they are compared with the desired state. Those of other writers take more memory than the rest
 * of a pod. Two informers cannot share a store, because each removes the objects that it does not
 * know.
 *
 * @param <R> the kind of the objects
 */
final class PrunedItemStore<R extends HasMetadata> extends BasicItemStore<R> {

  /** Creates an empty store. */
  PrunedItemStore() {
    super(Cache::metaNamespaceKeyFunc);
  }

  @Override
  public R put(String key, R object) {
    object
        .getMetadata()
        .getManagedFields()
        .removeIf(entry -> !Labels.MANAGER.equals(entry.getManager()));
    return super.put(key, object);
  }
}
