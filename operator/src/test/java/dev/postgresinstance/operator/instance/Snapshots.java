package dev.postgresinstance.operator.instance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.network.InstanceService;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Worlds to test with: what a pass reads, from YAML as the API server has it. */
public final class Snapshots {

  /** UID of the instance that {@link #of} makes. */
  public static final String UID = "6f1f3c4e-0000-4000-8000-000000000001";

  /** When the driver has refused what {@link #growing} says that it has. */
  public static final Instant REFUSED_AT = Instant.parse("2026-01-02T03:04:05Z");

  private static final KubernetesSerialization YAML = new KubernetesSerialization();
  private static final String CRD =
      "/META-INF/fabric8/postgresinstances.postgresinstance.dev-v1.yml";
  private static final JsonNode SPEC_SCHEMA = specSchema();

  private Snapshots() {}

  /**
   * The world of instance {@code orders} in namespace {@code shop}, of which nothing is made yet.
   *
   * @param spec as a user writes it, in YAML
   */
  public static Snapshot of(String spec) {
    return read(
        """
        apiVersion: postgresinstance.dev/v1alpha1
        kind: PostgresInstance
        metadata: {name: orders, namespace: shop, uid: %s, generation: 1}
        spec:
        %s
        """
            .formatted(UID, spec.indent(2)));
  }

  /**
   * The world of those documents: the instance first, then children, the pod, nodes.
   *
   * @throws IllegalArgumentException when a document would not be used
   */
  public static Snapshot read(String yaml) {
    String[] documents = yaml.split("(?m)^---\n");
    Snapshot snapshot = new Snapshot(instance(documents[0]), Map.of(), ClusterFacts.UNKNOWN);
    for (String document : Arrays.asList(documents).subList(1, documents.length)) {
      snapshot = with(snapshot, YAML.<HasMetadata>unmarshal(document));
    }
    return snapshot;
  }

  /** That world with another document in it, or another version of one. */
  public static Snapshot with(Snapshot snapshot, HasMetadata object) {
    return switch (object) {
      case Pod pod -> withObject(snapshot, ObjectKey.POD, pod);
      case Node node -> {
        Map<String, String> hosts = new TreeMap<>(snapshot.cluster().nodeHosts());
        String host = node.getStatus().getAddresses().getFirst().getAddress();
        hosts.put(node.getMetadata().getName(), host);
        yield withHosts(snapshot, hosts);
      }
      default -> {
        Snapshot next = snapshot.with(object);
        if (!next.children().contains(object)) {
          throw new IllegalArgumentException("no part of the world: " + object);
        }
        yield next;
      }
    };
  }

  /** That world with nodes {@code node-1} and so on, of those addresses. */
  public static Snapshot withNodes(Snapshot snapshot, String... hosts) {
    Map<String, String> byName = new TreeMap<>();
    for (String host : hosts) {
      byName.put("node-%d".formatted(byName.size() + 1), host);
    }
    return withHosts(snapshot, byName);
  }

  /** That world with a Service that was given a node port. */
  public static Snapshot withNodePort(Snapshot snapshot, int port) {
    return snapshot.with(
        new ServiceBuilder(InstanceService.desired(snapshot))
            .editSpec()
            .withClusterIP("10.96.0.7")
            .editFirstPort()
            .withNodePort(port)
            .endPort()
            .endSpec()
            .build());
  }

  /** That world with a claim that records data fitting the spec. */
  public static Snapshot withData(Snapshot snapshot) {
    return withData(
        snapshot, DataRecord.ofNew("7300000000000000001", snapshot.instance().getSpec()));
  }

  /** That world with a claim that records that data. */
  public static Snapshot withData(Snapshot snapshot, DataRecord record) {
    return snapshot.with(DataClaim.desired(snapshot, Optional.of(record)));
  }

  /**
   * A world whose claim has a volume of the first size and asks for the second one, and has
   * conditions with those messages.
   */
  public static Snapshot growing(String actual, String asked, Map<String, String> conditions) {
    Snapshot snapshot = withData(of("storage: {size: %s}".formatted(asked)));
    return snapshot.with(
        new PersistentVolumeClaimBuilder(snapshot.get(ObjectKey.CLAIM).orElseThrow())
            .withNewStatus()
            .withCapacity(Map.of("storage", new Quantity(actual)))
            .withConditions(
                conditions.entrySet().stream()
                    .map(
                        condition ->
                            new PersistentVolumeClaimConditionBuilder()
                                .withType(condition.getKey())
                                .withStatus("True")
                                .withMessage(condition.getValue())
                                .withLastTransitionTime(REFUSED_AT.toString())
                                .build())
                    .toList())
            .endStatus()
            .build());
  }

  /** That world after the user has written another spec. */
  public static Snapshot changed(Snapshot snapshot, String spec) {
    PostgresInstance instance = YAML.clone(snapshot.instance());
    instance.setSpec(of(spec).instance().getSpec());
    instance.getMetadata().setGeneration(instance.getMetadata().getGeneration() + 1);
    return withInstance(snapshot, instance);
  }

  /** That world once that has been said of it. */
  public static Snapshot said(Snapshot snapshot, PostgresInstanceStatus status) {
    PostgresInstance instance = YAML.clone(snapshot.instance());
    instance.setStatus(status);
    return withInstance(snapshot, instance);
  }

  /** That snapshot with another state of the instance. */
  public static Snapshot withInstance(Snapshot snapshot, PostgresInstance instance) {
    return new Snapshot(instance, snapshot.objects(), snapshot.cluster());
  }

  /** That snapshot with the Secret to which the spec refers. */
  public static Snapshot withUserPasswordSecret(Snapshot snapshot, Secret secret) {
    return withObject(snapshot, ObjectKey.USER_PASSWORD_SECRET, secret);
  }

  private static Snapshot withObject(Snapshot snapshot, ObjectKey<?> key, HasMetadata object) {
    Map<ObjectKey<?>, HasMetadata> objects = new HashMap<>(snapshot.objects());
    objects.put(key, object);
    return new Snapshot(snapshot.instance(), objects, snapshot.cluster());
  }

  private static Snapshot withHosts(Snapshot snapshot, Map<String, String> hosts) {
    return new Snapshot(
        snapshot.instance(),
        snapshot.objects(),
        new ClusterFacts(hosts, snapshot.cluster().reclaimPolicy()));
  }

  private static PostgresInstance instance(String yaml) {
    ObjectNode instance = YAML.unmarshal(yaml, ObjectNode.class);
    ObjectNode spec =
        instance.get("spec") instanceof ObjectNode given ? given : instance.putObject("spec");
    fillDefaults(spec, SPEC_SCHEMA);
    return YAML.convertValue(instance, PostgresInstance.class);
  }

  /** What the API server does with the schema of the shipped definition. */
  private static void fillDefaults(ObjectNode object, JsonNode schema) {
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              String name = property.getKey();
              JsonNode of = property.getValue();
              if (!object.has(name) && of.has("default")) {
                object.set(name, of.get("default").deepCopy());
              }
              if (object.get(name) instanceof ObjectNode child) {
                fillDefaults(child, of);
              }
            });
  }

  private static JsonNode specSchema() {
    try (InputStream crd = Snapshots.class.getResourceAsStream(CRD)) {
      return YAML.unmarshal(crd, ObjectNode.class)
          .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
