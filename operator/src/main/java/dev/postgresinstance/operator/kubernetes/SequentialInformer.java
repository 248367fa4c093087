package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;

/**
 * An informer that is filled while no other one is: what is listed takes many times as much memory
 * as it does once it is packed, and the framework has all informers list at the same time.
 */
final class SequentialInformer<R extends HasMetadata>
    extends InformerEventSource<R, PostgresInstance> {

  private static final Object FILLING = new Object();

  private final CompressedItemStore<R> store;

  /**
   * One for that configuration, whose store is given beside it and closed. It is opened when it is
   * filled; each instance has a first pass, which needs no word of its children.
   */
  SequentialInformer(
      InformerEventSourceConfiguration<R> configuration,
      CompressedItemStore<R> store,
      EventSourceContext<PostgresInstance> context) {
    super(configuration, context);
    this.store = store;
  }

  /** Returns when the cache is filled, or the framework does not wait for it any longer. */
  @Override
  public synchronized void start() {
    synchronized (FILLING) {
      super.start();
      store.open();
    }
  }
}
