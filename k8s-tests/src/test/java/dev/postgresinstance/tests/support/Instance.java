package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.TlsStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A PostgresInstance in the cluster and its child objects, read from the API server on each call.
 */
public final class Instance {

  private final KubernetesClient client = TestCluster.client();
  private final String namespace;
  private final String name;
  private final InstanceBuilder builder;

  Instance(String namespace, String name, InstanceBuilder builder) {
    this.namespace = namespace;
    this.name = name;
    this.builder = builder;
  }

  /** An instance that was not created by a builder: it cannot be changed. */
  Instance(ObjectMeta metadata) {
    this(metadata.getNamespace(), metadata.getName(), null);
  }

  public String namespace() {
    return namespace;
  }

  public String name() {
    return name;
  }

  /** Applies the state of the builder, as `kubectl apply --server-side` does. */
  public void apply() {
    client.resource(builder.build()).fieldManager("user").serverSideApply();
  }

  /** Changes the builder and applies its state. */
  public void change(Consumer<InstanceBuilder> change) {
    change.accept(builder);
    apply();
  }

  /** Sets an annotation of the custom resource, as `kubectl annotate --overwrite` does. */
  public void annotate(String annotation, String value) {
    Map<String, Object> patch =
        Map.of("metadata", Map.of("annotations", Map.of(annotation, value)));
    client
        .resources(PostgresInstance.class)
        .inNamespace(namespace)
        .withName(name)
        // A merge patch, so that concurrent writes of the operator do not conflict.
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            client.getKubernetesSerialization().asJson(patch));
  }

  /** Deletes the custom resource and returns when it is gone. */
  public void delete() {
    client.resource(resource()).delete();
    Eventually.that(this + " is gone", () -> assertThat(find()).isEmpty());
  }

  public PostgresInstance resource() {
    return find().orElseThrow(() -> new AssertionError("there is no " + this));
  }

  public Optional<PostgresInstance> find() {
    return Optional.ofNullable(
        client.resources(PostgresInstance.class).inNamespace(namespace).withName(name).get());
  }

  /** The condition Ready; empty until the operator has written it. */
  public Optional<Condition> ready() {
    return condition(ConditionType.READY);
  }

  /** The condition of the given type, if there is one. */
  public Optional<Condition> condition(ConditionType type) {
    return find().flatMap(instance -> instance.condition(type));
  }

  /** The conditions; none until the operator has written the status. */
  private static List<Condition> conditions(PostgresInstanceStatus status) {
    return Optional.ofNullable(status.conditions()).orElse(List.of());
  }

  /** The certificate and the TLS settings of the server, from the status. */
  public TlsStatus tls() {
    return resource().getStatus().tls();
  }

  /** The events about the instance, in the order of their first occurrence. */
  public List<Event> events() {
    return client
        .v1()
        .events()
        .inNamespace(namespace)
        .withField("involvedObject.kind", "PostgresInstance")
        .withField("involvedObject.name", name)
        .list()
        .getItems()
        .stream()
        .sorted(
            Comparator.comparing(Event::getFirstTimestamp)
                .thenComparing(event -> Long.valueOf(event.getMetadata().getResourceVersion())))
        .toList();
  }

  /** The reasons of all current conditions and of all events so far. */
  Set<String> reasons() {
    return Stream.concat(
            find().map(PostgresInstance::getStatus).stream()
                .flatMap(status -> conditions(status).stream())
                .map(Condition::getReason),
            events().stream().map(Event::getReason))
        .collect(Collectors.toSet());
  }

  /** The child objects of the instance; null in place of a missing object. */
  public List<HasMetadata> children() {
    return Stream.<HasMetadata>of(
            statefulSet(),
            service(),
            claim(),
            configMap(),
            caSecret(),
            tlsSecret(),
            appSecret(),
            operatorSecret())
        .toList();
  }

  public Pod pod() {
    return client.pods().inNamespace(namespace).withName(podName()).get();
  }

  /** Fails if the instance has another pod than this one, or none. */
  public void assertHas(Pod pod) {
    assertThat(pod().getMetadata().getUid())
        .as("pod of " + this)
        .isEqualTo(pod.getMetadata().getUid());
  }

  /** The claim of an instance whose data was not restored in place. */
  public PersistentVolumeClaim claim() {
    return claim(name + "-data");
  }

  /** A claim in the namespace of the instance; null if there is none. */
  public PersistentVolumeClaim claim(String claimName) {
    return client.persistentVolumeClaims().inNamespace(namespace).withName(claimName).get();
  }

  /** All claims of the instance, in use or not. */
  public List<PersistentVolumeClaim> claims() {
    return client
        .persistentVolumeClaims()
        .inNamespace(namespace)
        .withLabel("postgresinstance.dev/instance", name)
        .list()
        .getItems();
  }

  public Service service() {
    return client.services().inNamespace(namespace).withName(name).get();
  }

  public StatefulSet statefulSet() {
    return client.apps().statefulSets().inNamespace(namespace).withName(name).get();
  }

  public ConfigMap configMap() {
    return client.configMaps().inNamespace(namespace).withName(name + "-config").get();
  }

  public Secret appSecret() {
    return client.secrets().inNamespace(namespace).withName(name + "-app").get();
  }

  public Secret operatorSecret() {
    return client.secrets().inNamespace(namespace).withName(name + "-operator").get();
  }

  public Secret superuserSecret() {
    return client.secrets().inNamespace(namespace).withName(name + "-superuser").get();
  }

  /** The Secret with the authority of the certificates. */
  public Secret caSecret() {
    return client.secrets().inNamespace(namespace).withName(name + "-ca").get();
  }

  /** The Secret with the certificate of the server. */
  public Secret tlsSecret() {
    return client.secrets().inNamespace(namespace).withName(name + "-tls").get();
  }

  /** The Secret with the password of the role that makes backups. */
  Secret backupSecret() {
    return secret(name + "-backup");
  }

  /** A Secret in the namespace of the instance; null if there is none. */
  Secret secret(String secretName) {
    return client.secrets().inNamespace(namespace).withName(secretName).get();
  }

  /** The pods that back up or restore the instance. */
  List<Pod> helperPods() {
    return client
        .pods()
        .inNamespace(namespace)
        .withLabel("postgresinstance.dev/helper-of", name)
        .list()
        .getItems();
  }

  /** The data of the Secret for applications, decoded. */
  public Map<String, String> credentials() {
    return decoded(appSecret());
  }

  /** The data of a Secret, decoded. */
  public static Map<String, String> decoded(Secret secret) {
    Map<String, String> decoded = new TreeMap<>();
    secret
        .getData()
        .forEach(
            (key, value) ->
                decoded.put(
                    key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
    return decoded;
  }

  /** The texts as the data of a Secret holds them. */
  public static Map<String, String> encoded(Map<String, String> texts) {
    return texts.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                text ->
                    Base64.getEncoder()
                        .encodeToString(text.getValue().getBytes(StandardCharsets.UTF_8))));
  }

  /** The node port from the status, for users outside the cluster. */
  public int nodePort() {
    return resource().getStatus().endpoints().external().port();
  }

  public String podName() {
    return name + "-0";
  }

  @Override
  public String toString() {
    return "PostgresInstance " + namespace + "/" + name;
  }
}
