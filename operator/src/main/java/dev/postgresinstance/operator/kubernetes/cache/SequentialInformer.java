package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;

/**
 * An informer that syncs while no other one does. A list takes many times as much memory as its
 * compressed objects, and the framework would let all informers list at the same time.
 */
final class SequentialInformer<R extends HasMetadata>
    extends InformerEventSource<R, PostgresInstance> {

  private static final Object SYNC_LOCK = new Object();

  private final CompressedItemStore<R> store;

  /**
   * Creates an informer that opens its store after the sync. Until then the store returns no
   * children, and the informer reports none of them; that loses nothing, because each instance is
   * reconciled at the start anyway.
   *
   * @param store the store of that configuration, still closed
   */
  SequentialInformer(
      InformerEventSourceConfiguration<R> configuration,
      CompressedItemStore<R> store,
      EventSourceContext<PostgresInstance> context) {
    super(configuration, context);
    this.store = store;
  }

  /** Returns when the cache has synced, or when the framework stops waiting for it. */
  @Override
  public synchronized void start() {
    synchronized (SYNC_LOCK) {
      super.start();
      store.open();
    }
  }
}
