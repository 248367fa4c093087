package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.kubernetes.WriteListener;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The informers: caches of all children, selected by the operator's label, so that objects of other
 * owners cost nothing. Each change starts a reconciliation.
 */
public final class Informers implements WriteListener {

  /**
   * How many objects are listed at a time. With a limit, the client asks for the most recent state;
   * without one, the first list may be as old as what an API server remembers.
   */
  public static final long PAGE_SIZE = 500;

  /**
   * Label of a Secret with a user's password or certificate, and value {@code true}, by which the
   * operator sees its changes at once.
   */
  private static final String WATCHED_BY_LABEL = PostgresInstance.GROUP + "/watch=true";

  private static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          Service.class,
          PersistentVolumeClaim.class,
          Secret.class,
          ConfigMap.class,
          StatefulSet.class,
          Pod.class);

  private static final String BY_USER_SECRET = "user-secret";

  /** By kind, then by namespace; one for all namespaces if the operator serves all. */
  private final Map<Class<?>, Map<String, InformerEventSource<?, PostgresInstance>>> byKind =
      new LinkedHashMap<>();

  /** For reconciliations that no informer starts. */
  private final SimpleInboundEventSource<PostgresInstance> requests =
      new SimpleInboundEventSource<>("requests");

  private final InformerEventSource<Secret, PostgresInstance> userSecrets;
  private final IndexedResourceCache<PostgresInstance> instances;

  /** The informers for the namespaces of that controller. */
  public Informers(EventSourceContext<PostgresInstance> context) {
    this.instances = context.getPrimaryCache();
    Set<String> namespaces =
        context.getControllerConfiguration().getInformerConfig().getNamespaces();
    for (Class<? extends HasMetadata> kind : KINDS) {
      Map<String, InformerEventSource<?, PostgresInstance>> ofKind = new LinkedHashMap<>();
      namespaces.forEach(namespace -> ofKind.put(namespace, informer(kind, namespace, context)));
      byKind.put(kind, ofKind);
    }
    context.getPrimaryCache().addIndexer(BY_USER_SECRET, Informers::userSecrets);
    userSecrets =
        new InformerEventSource<>(
            InformerEventSourceConfiguration.from(Secret.class, PostgresInstance.class)
                .withName("user-secrets")
                .withInformerListLimit(PAGE_SIZE)
                .withLabelSelector(WATCHED_BY_LABEL)
                .withSecondaryToPrimaryMapper(secret -> instancesThatReferTo(secret, context))
                .withNamespacesInheritedFromController()
                .build(),
            context);
  }

  private static List<String> userSecrets(PostgresInstance instance) {
    return Stream.of(ObjectKey.USER_PASSWORD_SECRET, ObjectKey.USER_CERTIFICATE_SECRET)
        .flatMap(key -> key.name(instance).stream())
        .map(name -> indexKey(instance.getMetadata().getNamespace(), name))
        .distinct()
        .toList();
  }

  private static Set<ResourceID> instancesThatReferTo(
      Secret secret, EventSourceContext<PostgresInstance> context) {
    String key = indexKey(secret.getMetadata().getNamespace(), secret.getMetadata().getName());
    return context.getPrimaryCache().byIndex(BY_USER_SECRET, key).stream()
        .map(ResourceID::fromResource)
        .collect(Collectors.toSet());
  }

  private static String indexKey(String namespace, String name) {
    return namespace + "/" + name;
  }

  /** One per namespace: in one event source they would share a store and evict each other. */
  private static <R extends HasMetadata> InformerEventSource<R, PostgresInstance> informer(
      Class<R> kind, String namespace, EventSourceContext<PostgresInstance> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(kind, PostgresInstance.class)
            .withName(HasMetadata.getPlural(kind) + " " + namespace)
            .withLabelSelector(Labels.SELECTOR)
            .withSecondaryToPrimaryMapper(Informers::instanceOf)
            .withNamespaces(Set.of(namespace))
            .withInformerListLimit(PAGE_SIZE)
            .withItemStore(new PrunedItemStore<>())
            .build(),
        context);
  }

  private static Set<ResourceID> instanceOf(HasMetadata child) {
    return Optional.ofNullable(child.getMetadata().getLabels().get(Labels.INSTANCE))
        .map(name -> Set.of(new ResourceID(name, child.getMetadata().getNamespace())))
        .orElse(Set.of());
  }

  /** Everything that starts a reconciliation, for the framework. */
  public List<EventSource<?, PostgresInstance>> eventSources() {
    List<EventSource<?, PostgresInstance>> all = new ArrayList<>();
    byKind.values().forEach(ofKind -> all.addAll(ofKind.values()));
    all.add(userSecrets);
    all.add(requests);
    return all;
  }

  /** The instances in the cache. */
  public Stream<PostgresInstance> instances() {
    return instances.list();
  }

  /** Starts a reconciliation of an instance, after the one that is running. */
  public void requestReconciliation(ResourceID instance) {
    requests.propagateEvent(instance);
  }

  /** An object in the cache. */
  <R extends HasMetadata> Optional<R> cached(Class<R> kind, String name, String namespace) {
    return informer(kind, namespace).get(new ResourceID(name, namespace)).map(kind::cast);
  }

  /**
   * The Service of an instance that has that node port, as far as this operator serves the
   * instance. To look at all Services of the cluster would need a permission of its own.
   */
  public Optional<Service> holderOfNodePort(int nodePort) {
    return byKind.get(Service.class).values().stream()
        .flatMap(InformerEventSource::list)
        .map(Service.class::cast)
        .filter(
            service ->
                service.getSpec().getPorts().stream()
                    .anyMatch(port -> Objects.equals(port.getNodePort(), nodePort)))
        .findFirst();
  }

  /**
   * Puts an object that was just written into the cache, so that the next reconciliation sees it.
   */
  @Override
  public <R extends HasMetadata> void written(R object, Optional<R> previous) {
    ResourceID id = ResourceID.fromResource(object);
    previous.ifPresentOrElse(
        before -> source(object).handleRecentResourceUpdate(id, object, before),
        () -> source(object).handleRecentResourceCreate(id, object));
  }

  @SuppressWarnings("unchecked") // the map holds the informer of each kind under its class
  private <R extends HasMetadata> InformerEventSource<R, PostgresInstance> source(R like) {
    return (InformerEventSource<R, PostgresInstance>)
        informer(like.getClass(), like.getMetadata().getNamespace());
  }

  private InformerEventSource<?, PostgresInstance> informer(Class<?> kind, String namespace) {
    var ofKind = byKind.get(kind);
    return ofKind.getOrDefault(namespace, ofKind.get(Constants.WATCH_ALL_NAMESPACES));
  }
}
