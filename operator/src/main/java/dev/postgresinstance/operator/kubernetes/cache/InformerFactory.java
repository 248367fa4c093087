package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.Set;

/** Creates the informers. */
final class InformerFactory {

  /** See {@link Informers#PAGE_SIZE}. */
  static final long PAGE_SIZE = 500;

  /**
   * Label of a Secret with a user's password or certificate, and value {@code true}, by which the
   * operator sees its changes at once.
   */
  private static final String WATCHED_BY_LABEL = PostgresInstance.GROUP + "/watch=true";

  private InformerFactory() {}

  /** One per namespace: in one event source they would share a store and evict each other. */
  static <R extends HasMetadata> InformerEventSource<R, PostgresInstance> informer(
      Class<R> kind,
      String selector,
      String namespace,
      SecondaryToPrimaryMapper<R> primaries,
      EventSourceContext<PostgresInstance> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(kind, PostgresInstance.class)
            .withName(HasMetadata.getPlural(kind) + " " + namespace)
            .withLabelSelector(selector)
            .withSecondaryToPrimaryMapper(primaries)
            .withNamespaces(Set.of(namespace))
            .withInformerListLimit(PAGE_SIZE)
            .withItemStore(new PrunedItemStore<>())
            .build(),
        context);
  }

  /** The informer of the Secrets with a user's password or certificate. */
  static InformerEventSource<Secret, PostgresInstance> userSecrets(
      EventSourceContext<PostgresInstance> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(Secret.class, PostgresInstance.class)
            .withName("user-secrets")
            .withInformerListLimit(PAGE_SIZE)
            .withLabelSelector(WATCHED_BY_LABEL)
            .withSecondaryToPrimaryMapper(
                secret ->
                    InstanceMapping.referringTo(
                        secret, InstanceMapping.BY_USER_SECRET, context.getPrimaryCache()))
            .withNamespacesInheritedFromController()
            .build(),
        context);
  }
}
