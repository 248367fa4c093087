package dev.postgresinstance.tests.scale;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.tests.support.AuditLog;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/**
 * Many instances whose pods run on a simulated node, and the times at which they reached each
 * state.
 */
final class Fleet {

  private static final int INSTANCES_PER_NAMESPACE = 20;
  private static final int CHILDREN = 8;
  private static final String LABEL = "postgresinstance.dev/instance";
  private static final String NODE = "example.com/scale";

  private final KubernetesClient client = TestCluster.client();
  private final List<String> names;
  private final Map<String, Instant> created = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> children = new ConcurrentHashMap<>();
  private final Map<String, Instant> complete = new ConcurrentHashMap<>();
  private final Map<String, Instant> ready = new ConcurrentHashMap<>();

  /** Starts to watch; creates no instance yet. */
  Fleet(int size) {
    names =
        IntStream.range(0, size)
            .mapToObj(i -> "scale-%d/p%d".formatted(i / INSTANCES_PER_NAMESPACE, i))
            .toList();
    watchChildren(Service.class);
    watchChildren(PersistentVolumeClaim.class);
    watchChildren(Secret.class);
    watchChildren(ConfigMap.class);
    watchChildren(StatefulSet.class);
    client.resources(PostgresInstance.class).inAnyNamespace().inform(handler(this::instance));
  }

  int size() {
    return names.size();
  }

  private <T extends HasMetadata> void watchChildren(Class<T> kind) {
    client.resources(kind).inAnyNamespace().withLabel(LABEL).inform(handler(this::child));
  }

  private void child(HasMetadata object) {
    String instance =
        object.getMetadata().getNamespace() + "/" + object.getMetadata().getLabels().get(LABEL);
    Set<String> known = children.computeIfAbsent(instance, key -> ConcurrentHashMap.newKeySet());
    known.add(object.getKind() + " " + object.getMetadata().getName());
    if (known.size() == CHILDREN) {
      complete.putIfAbsent(instance, Instant.now());
    }
  }

  private void instance(PostgresInstance instance) {
    boolean isReady =
        instance
            .condition(ConditionType.READY)
            .filter(ready -> "True".equals(ready.getStatus()))
            .isPresent();
    if (isReady) {
      ready.putIfAbsent(
          instance.getMetadata().getNamespace() + "/" + instance.getMetadata().getName(),
          Instant.now());
    }
  }

  /** Creates a range of the instances at the given rate, and returns when the last one is ready. */
  void create(int from, int to, int perSecond) {
    List<String> some = names.subList(from, to);
    some.stream().map(Fleet::namespace).distinct().forEach(this::createNamespace);
    try (ScheduledExecutorService clock = Executors.newScheduledThreadPool(perSecond)) {
      for (int i = 0; i < some.size(); i++) {
        String name = some.get(i);
        Future<?> unused =
            clock.schedule(() -> create(name), i * 1000L / perSecond, TimeUnit.MILLISECONDS);
      }
    }
    Awaitility.await("all instances are ready")
        .atMost(Duration.ofMinutes(20))
        .until(() -> ready.keySet().containsAll(some));
  }

  /** Deletes all instances with their namespaces, and returns when they are gone. */
  void delete() {
    List<String> namespaces = names.stream().map(Fleet::namespace).distinct().toList();
    namespaces.forEach(name -> client.namespaces().withName(name).delete());
    Awaitility.await("all namespaces are gone")
        .atMost(Duration.ofMinutes(20))
        .pollInterval(Duration.ofSeconds(5))
        .until(
            () ->
                namespaces.stream()
                    .allMatch(name -> client.namespaces().withName(name).get() == null));
  }

  /** The namespace of an instance that is given as {@code namespace/name}. */
  static String namespace(String name) {
    return name.substring(0, name.indexOf('/'));
  }

  /** The instances as {@code namespace/name}. */
  List<String> names() {
    return names;
  }

  void createNamespaces() {
    names.stream().map(Fleet::namespace).distinct().forEach(this::createNamespace);
  }

  private void createNamespace(String name) {
    client
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .serverSideApply();
  }

  private void create(String name) {
    created.put(name, Instant.now());
    GenericKubernetesResource instance =
        new GenericKubernetesResourceBuilder()
            .withApiVersion("postgresinstance.dev/v1alpha1")
            .withKind("PostgresInstance")
            .withNewMetadata()
            .withNamespace(namespace(name))
            .withName(name.substring(name.indexOf('/') + 1))
            .endMetadata()
            .build();
    instance.setAdditionalProperty(
        "spec",
        Map.of(
            "storage",
            Map.of("storageClassName", "scale"),
            "pod",
            Map.of(
                "nodeSelector",
                Map.of(NODE, "true"),
                "tolerations",
                List.of(Map.of("key", NODE, "operator", "Exists")))));
    client.resource(instance).create();
  }

  /** The time from the creation of each instance until it had all child objects, in seconds. */
  Figures timeToChildren(int from, int to) {
    return Figures.seconds(
        names.subList(from, to).stream().map(name -> since(name, complete)).toList());
  }

  /** The time from the creation of each instance until it was ready, in seconds. */
  Figures timeToReady() {
    return Figures.seconds(names.stream().map(name -> since(name, ready)).toList());
  }

  private Duration since(String name, Map<String, Instant> times) {
    return Duration.between(created.get(name), times.get(name));
  }

  /** The number of writes of the operator per instance until it was ready, without events. */
  Figures writes(List<AuditLog.Request> all) {
    Map<String, Long> counts =
        all.stream()
            .filter(write -> !write.resource().equals("events"))
            .filter(write -> write.namespace() != null && write.name() != null)
            .filter(write -> ready.containsKey(instance(write)))
            .filter(write -> write.at().isBefore(ready.get(instance(write))))
            .collect(Collectors.groupingBy(Fleet::instance, Collectors.counting()));
    return Figures.of(names.stream().map(name -> counts.getOrDefault(name, 0L)));
  }

  /** The number of events per instance. */
  Figures events() {
    Map<String, Integer> counts =
        client
            .v1()
            .events()
            .inAnyNamespace()
            .withField("involvedObject.kind", HasMetadata.getKind(PostgresInstance.class))
            .list()
            .getItems()
            .stream()
            .collect(
                Collectors.groupingBy(
                    event ->
                        event.getMetadata().getNamespace()
                            + "/"
                            + event.getInvolvedObject().getName(),
                    Collectors.summingInt(
                        event -> Optional.ofNullable(event.getCount()).orElse(1))));
    return Figures.of(names.stream().map(name -> counts.getOrDefault(name, 0)));
  }

  /**
   * Instance names here contain no dash and no dot, so the first one ends the instance name in an
   * object name.
   */
  private static String instance(AuditLog.Request write) {
    return write.namespace() + "/" + write.name().replaceFirst("[-.].*", "");
  }

  private static <T extends HasMetadata> ResourceEventHandler<T> handler(Consumer<T> seen) {
    return new ResourceEventHandler<>() {
      @Override
      public void onAdd(T object) {
        seen.accept(object);
      }

      @Override
      public void onUpdate(T before, T object) {
        seen.accept(object);
      }

      @Override
      public void onDelete(T object, boolean unknown) {}
    };
  }
}
