package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.api.v1alpha1.PasswordSecretRef;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.feature.access.UserProvidedPassword;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.reconcile.PostgresInstanceReconciler;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Instant;
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
 * The informers: caches of all children, by our label only, so that strangers' objects cost
 * nothing.
 */
public final class Informers {

  private static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          Service.class,
          PersistentVolumeClaim.class,
          Secret.class,
          ConfigMap.class,
          StatefulSet.class,
          Pod.class);

  private static final String BY_CALLERS_SECRET = "callers-secret";

  /** By kind, then by namespace; of all namespaces there is one. */
  private final Map<Class<?>, Map<String, InformerEventSource<?, PostgresInstance>>> informers =
      new LinkedHashMap<>();

  /** What no informer tells. */
  private final SimpleInboundEventSource<PostgresInstance> passes =
      new SimpleInboundEventSource<>("passes");

  private final InformerEventSource<Secret, PostgresInstance> userPasswordSecrets;
  private final IndexedResourceCache<PostgresInstance> primaries;
  private final KubernetesClient client;
  private final ReadYourReads latest = new ReadYourReads();
  private final Nodes nodes;
  private final ReclaimPolicies volumes;
  private final SchedulingEvidenceReader inquiry;

  public Informers(EventSourceContext<PostgresInstance> context) {
    this.primaries = context.getPrimaryCache();
    this.client = context.getClient();
    this.nodes = new Nodes(client);
    this.volumes = new ReclaimPolicies(client);
    this.inquiry = new SchedulingEvidenceReader(client, nodes);
    Set<String> namespaces =
        context.getControllerConfiguration().getInformerConfig().getNamespaces();
    for (Class<? extends HasMetadata> kind : KINDS) {
      Map<String, InformerEventSource<?, PostgresInstance>> ofKind = new LinkedHashMap<>();
      namespaces.forEach(namespace -> ofKind.put(namespace, informer(kind, namespace, context)));
      informers.put(kind, ofKind);
    }
    context.getPrimaryCache().addIndexer(BY_CALLERS_SECRET, Informers::userPasswordSecret);
    userPasswordSecrets =
        new InformerEventSource<>(
            InformerEventSourceConfiguration.from(Secret.class, PostgresInstance.class)
                .withName("callers-secrets")
                .withInformerListLimit(PostgresInstanceReconciler.PAGE)
                .withLabelSelector(UserProvidedPassword.WATCH + "=true")
                .withSecondaryToPrimaryMapper(secret -> referringTo(secret, context))
                .withNamespacesInheritedFromController()
                .build(),
            context);
  }

  private static List<String> userPasswordSecret(PostgresInstance instance) {
    return UserProvidedPassword.reference(instance)
        .map(reference -> key(instance.getMetadata().getNamespace(), reference.name()))
        .stream()
        .toList();
  }

  private static Set<ResourceID> referringTo(
      Secret secret, EventSourceContext<PostgresInstance> context) {
    String key = key(secret.getMetadata().getNamespace(), secret.getMetadata().getName());
    return context.getPrimaryCache().byIndex(BY_CALLERS_SECRET, key).stream()
        .map(ResourceID::fromResource)
        .collect(Collectors.toSet());
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }

  /** One for each namespace: those of one source would share a store, and take each other's out. */
  private static <R extends HasMetadata> InformerEventSource<R, PostgresInstance> informer(
      Class<R> kind, String namespace, EventSourceContext<PostgresInstance> context) {
    CompressedItemStore<R> store =
        new CompressedItemStore<>(kind, context.getClient().getKubernetesSerialization(), false);
    return new SequentialInformer<>(
        InformerEventSourceConfiguration.from(kind, PostgresInstance.class)
            .withName(HasMetadata.getPlural(kind) + " " + namespace)
            .withLabelSelector(Labels.SELECTOR)
            .withSecondaryToPrimaryMapper(Informers::instanceOf)
            .withNamespaces(Set.of(namespace))
            .withInformerListLimit(PostgresInstanceReconciler.PAGE)
            .withItemStore(store)
            .build(),
        store,
        context);
  }

  private static Set<ResourceID> instanceOf(HasMetadata child) {
    return Optional.ofNullable(child.getMetadata().getLabels().get(Labels.INSTANCE))
        .map(name -> Set.of(new ResourceID(name, child.getMetadata().getNamespace())))
        .orElse(Set.of());
  }

  /** Everything that starts a pass, for the framework. */
  public List<EventSource<?, PostgresInstance>> all() {
    List<EventSource<?, PostgresInstance>> all = new ArrayList<>();
    informers.values().forEach(ofKind -> all.addAll(ofKind.values()));
    all.add(userPasswordSecrets);
    all.add(passes);
    return all;
  }

  /** The instances, as they were when the API server told last. */
  public Stream<PostgresInstance> instances() {
    return primaries.list();
  }

  /** Starts a pass of an instance, after the one that runs. */
  public void requestReconciliation(ResourceID instance) {
    passes.propagateEvent(instance);
  }

  /**
   * Reads an instance and all its children, once. What the cache does not have is asked of the API
   * server: the cache holds labelled objects only and may lag, and a Secret taken for absent would
   * be made anew with another password.
   */
  public Snapshot read(PostgresInstance instance) {
    String namespace = instance.getMetadata().getNamespace();
    Optional<Pod> pod = pod(Names.pod(instance), namespace);
    Optional<PersistentVolumeClaim> claim =
        get(PersistentVolumeClaim.class, Names.claim(instance), namespace);
    return new Snapshot(
        instance,
        get(Service.class, Names.service(instance), namespace),
        claim,
        get(Secret.class, Names.appSecret(instance), namespace),
        get(Secret.class, Names.operatorSecret(instance), namespace),
        superuserSecret(instance),
        UserProvidedPassword.reference(instance)
            .map(PasswordSecretRef::name)
            .map(name -> client.secrets().inNamespace(namespace).withName(name).get()),
        get(ConfigMap.class, Names.configMap(instance), namespace),
        get(StatefulSet.class, Names.statefulSet(instance), namespace),
        pod,
        nodes.hosts(pod.map(p -> p.getSpec().getNodeName())),
        claim.flatMap(volumes::reclaimPolicy));
  }

  /** What the cluster says of why the instance takes no logins. */
  public SchedulingEvidence evidence(Snapshot snapshot, LoginResult login, Instant now) {
    return inquiry.evidence(snapshot, login, now);
  }

  /** Nobody is asked for one that is neither wanted nor ours. */
  private Optional<Secret> superuserSecret(PostgresInstance instance) {
    String namespace = instance.getMetadata().getNamespace();
    String name = Names.superuserSecret(instance);
    return Boolean.TRUE.equals(instance.getSpec().superuserAccess())
        ? get(Secret.class, name, namespace)
        : cached(Secret.class, name, namespace)
            .filter(secret -> !Ownership.goesWithFormer(instance, secret));
  }

  /** Nobody is asked for one that the cache does not have: it comes and goes. */
  private Optional<Pod> pod(String name, String namespace) {
    return latest.of(
        key(Pod.class, name, namespace),
        cached(Pod.class, name, namespace),
        () -> live(Pod.class, name, namespace));
  }

  /**
   * The Service of an instance that has that node port, as far as this operator serves it; nothing
   * else in the cluster is asked, which would need a right to read all Services.
   */
  public Optional<Service> holderOf(int nodePort) {
    return informers.get(Service.class).values().stream()
        .flatMap(InformerEventSource::list)
        .map(HasMetadata::getMetadata)
        .flatMap(
            metadata -> cached(Service.class, metadata.getName(), metadata.getNamespace()).stream())
        .filter(
            service ->
                service.getSpec().getPorts().stream()
                    .anyMatch(port -> Objects.equals(port.getNodePort(), nodePort)))
        .findFirst();
  }

  /** An instance of the cache as it is; empty when it is gone. */
  public Optional<PostgresInstance> latest(PostgresInstance instance) {
    ObjectMeta metadata = instance.getMetadata();
    return latest.of(
        key(PostgresInstance.class, metadata.getName(), metadata.getNamespace()),
        Optional.of(instance),
        () -> live(instance));
  }

  /** The instance of that name as the API server has it. */
  public Optional<PostgresInstance> live(PostgresInstance instance) {
    return Optional.ofNullable(client.resource(instance).get());
  }

  /** Whether the API server still has that very instance; its cache may lag behind a deletion. */
  public boolean exists(PostgresInstance instance) {
    return live(instance)
        .map(PostgresInstance::getMetadata)
        .filter(live -> live.getUid().equals(instance.getMetadata().getUid()))
        .filter(live -> live.getDeletionTimestamp() == null)
        .isPresent();
  }

  /** Whether a Secret of the cache is still the one that the API server has. */
  public boolean isCurrent(Secret object) {
    Secret live = client.resource(object).get();
    return live != null
        && live.getMetadata()
            .getResourceVersion()
            .equals(object.getMetadata().getResourceVersion());
  }

  /** Puts an object that was just written into the cache, so that the next pass sees it. */
  <R extends HasMetadata> void written(R object, Optional<R> previous) {
    ResourceID id = ResourceID.fromResource(object);
    previous.ifPresentOrElse(
        before -> source(object).handleRecentResourceUpdate(id, object, before),
        () -> source(object).handleRecentResourceCreate(id, object));
  }

  private <R extends HasMetadata> Optional<R> get(Class<R> kind, String name, String namespace) {
    return latest.of(
        key(kind, name, namespace),
        cached(kind, name, namespace).or(() -> live(kind, name, namespace)),
        () -> live(kind, name, namespace));
  }

  private static String key(Class<?> kind, String name, String namespace) {
    return "%s %s".formatted(kind.getSimpleName(), key(namespace, name));
  }

  /**
   * By name in a list, which needs no right of its own; of Secrets no more than one is asked for.
   */
  private <R extends HasMetadata> Optional<R> live(Class<R> kind, String name, String namespace) {
    var objects = client.resources(kind).inNamespace(namespace);
    return kind == Secret.class
        ? Optional.ofNullable(objects.withName(name).get())
        : objects.withField("metadata.name", name).list().getItems().stream().findFirst();
  }

  private <R extends HasMetadata> Optional<R> cached(Class<R> kind, String name, String namespace) {
    return informer(kind, namespace).get(new ResourceID(name, namespace)).map(kind::cast);
  }

  @SuppressWarnings("unchecked") // the map holds each kind's informer under its class
  private <R extends HasMetadata> InformerEventSource<R, PostgresInstance> source(R like) {
    return (InformerEventSource<R, PostgresInstance>)
        informer(like.getClass(), like.getMetadata().getNamespace());
  }

  private InformerEventSource<?, PostgresInstance> informer(Class<?> kind, String namespace) {
    var ofKind = informers.get(kind);
    return ofKind.getOrDefault(namespace, ofKind.get(Constants.WATCH_ALL_NAMESPACES));
  }
}
