package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Surroundings;
import dev.postgresinstance.operator.kubernetes.WriteListener;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
          Job.class,
          Pod.class);

  private static final String BY_INSTANCE = "instance";

  /** By kind, then by namespace; one for all namespaces if the operator serves all. */
  private final Map<Class<?>, Map<String, InformerEventSource<?, PostgresInstance>>> byKind =
      new LinkedHashMap<>();

  /** For reconciliations that no informer starts. */
  private final SimpleInboundEventSource<PostgresInstance> requests =
      new SimpleInboundEventSource<>("requests");

  /**
   * For reconciliations of backups. Their controller has no informers but that of its own kind:
   * what concerns a backup concerns its instance first, and whoever reconciles that requests the
   * others.
   */
  private final SimpleInboundEventSource<PostgresBackup> backupRequests =
      new SimpleInboundEventSource<>("requests");

  private final InformerEventSource<Secret, PostgresInstance> userSecrets;
  private final IndexedResourceCache<PostgresInstance> instances;

  /** The informers for the namespaces of that controller. */
  public Informers(EventSourceContext<PostgresInstance> context) {
    this.instances = context.getPrimaryCache();
    KINDS.forEach(kind -> add(kind, Labels.SELECTOR, InstanceMapping::primary, context));
    add(PostgresBackup.class, null, backup -> InstanceMapping.ofBackup(backup, instances), context);
    Stream.of(Pod.class, PersistentVolumeClaim.class, PostgresBackup.class)
        .flatMap(kind -> byKind.get(kind).values().stream())
        .forEach(source -> source.addIndexers(Map.of(BY_INSTANCE, InstanceMapping::keys)));
    InstanceMapping.INDEXES.forEach(context.getPrimaryCache()::addIndexer);
    userSecrets =
        new InformerEventSource<>(
            InformerEventSourceConfiguration.from(Secret.class, PostgresInstance.class)
                .withName("user-secrets")
                .withInformerListLimit(PAGE_SIZE)
                .withLabelSelector(WATCHED_BY_LABEL)
                .withSecondaryToPrimaryMapper(
                    secret ->
                        InstanceMapping.referringTo(
                            secret, InstanceMapping.BY_USER_SECRET, instances))
                .withNamespacesInheritedFromController()
                .build(),
            context);
  }

  private <R extends HasMetadata> void add(
      Class<R> kind,
      String selector,
      SecondaryToPrimaryMapper<R> primaries,
      EventSourceContext<PostgresInstance> context) {
    Map<String, InformerEventSource<?, PostgresInstance>> ofKind = new LinkedHashMap<>();
    context
        .getControllerConfiguration()
        .getInformerConfig()
        .getNamespaces()
        .forEach(
            namespace ->
                ofKind.put(namespace, informer(kind, selector, namespace, primaries, context)));
    byKind.put(kind, ofKind);
  }

  /** One per namespace: in one event source they would share a store and evict each other. */
  private static <R extends HasMetadata> InformerEventSource<R, PostgresInstance> informer(
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

  /** The instances that name an instance as their source. */
  public Stream<PostgresInstance> clonesOf(PostgresInstance instance) {
    ObjectMeta metadata = instance.getMetadata();
    return instances
        .byIndex(
            InstanceMapping.BY_SOURCE_INSTANCE,
            InstanceMapping.key(metadata.getNamespace(), metadata.getName()))
        .stream();
  }

  /** Starts a reconciliation of an instance, after the one that is running. */
  public void requestReconciliation(ResourceID instance) {
    requests.propagateEvent(instance);
  }

  /** What {@link #requestReconciliation(PostgresBackup)} uses, for the controller of backups. */
  public EventSource<?, PostgresBackup> backupRequests() {
    return backupRequests;
  }

  /** Starts a reconciliation of a backup, after the one that is running. */
  public void requestReconciliation(PostgresBackup backup) {
    backupRequests.propagateEvent(ResourceID.fromResource(backup));
  }

  /** An instance in the cache. */
  Optional<PostgresInstance> instance(String name, String namespace) {
    return instances.get(new ResourceID(name, namespace));
  }

  /** An object in the cache. */
  <R extends HasMetadata> Optional<R> cached(Class<R> kind, String name, String namespace) {
    return informer(kind, namespace).get(new ResourceID(name, namespace)).map(kind::cast);
  }

  /** The backups, helper pods and claims of an instance, which need not exist. */
  Surroundings surroundings(String instance, String namespace) {
    return new Surroundings(
        ofInstance(PostgresBackup.class, instance, namespace),
        ofInstance(Pod.class, instance, namespace).stream()
            .filter(pod -> pod.getMetadata().getLabels().containsKey(Labels.HELPER_OF))
            .toList(),
        ofInstance(PersistentVolumeClaim.class, instance, namespace));
  }

  private <R extends HasMetadata> List<R> ofInstance(
      Class<R> kind, String instance, String namespace) {
    return informer(kind, namespace)
        .byIndex(BY_INSTANCE, InstanceMapping.key(namespace, instance))
        .stream()
        // The index does not know yet what was written a moment ago.
        .flatMap(o -> cached(kind, o.getMetadata().getName(), namespace).stream())
        .sorted(Comparator.comparing(object -> object.getMetadata().getName()))
        .toList();
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
