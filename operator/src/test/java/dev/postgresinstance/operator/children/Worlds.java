package dev.postgresinstance.operator.children;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
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
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Worlds to test with: what a pass reads, from YAML as the API server has it. */
public final class Worlds {

  /** UID of the instance that {@link #of} makes. */
  public static final String UID = "6f1f3c4e-0000-4000-8000-000000000001";

  /** When the driver has refused what {@link #growing} says that it has. */
  public static final Instant REFUSED_AT = Instant.parse("2026-01-02T03:04:05Z");

  private static final KubernetesSerialization YAML = new KubernetesSerialization();
  private static final String CRD =
      "/META-INF/fabric8/postgresinstances.postgresinstance.dev-v1.yml";
  private static final JsonNode SPEC_SCHEMA = specSchema();

  private Worlds() {}

  /**
   * The world of instance {@code orders} in namespace {@code shop}, of which nothing is made yet.
   *
   * @param spec as a user writes it, in YAML
   */
  public static World of(String spec) {
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
  static World read(String yaml) {
    String[] documents = yaml.split("(?m)^---\n");
    World world = empty(instance(documents[0]));
    for (String document : Arrays.asList(documents).subList(1, documents.length)) {
      world = with(world, YAML.<HasMetadata>unmarshal(document));
    }
    return world;
  }

  /** That world with another document in it, or another version of one. */
  public static World with(World world, HasMetadata object) {
    return switch (object) {
      case Pod pod -> world(world, Optional.of(pod), world.nodeHosts());
      case Node node -> {
        Map<String, String> hosts = new TreeMap<>(world.nodeHosts());
        String host = node.getStatus().getAddresses().getFirst().getAddress();
        hosts.put(node.getMetadata().getName(), host);
        yield world(world, world.pod(), hosts);
      }
      default -> {
        World next = world.with(object);
        if (!next.children().contains(object)) {
          throw new IllegalArgumentException("no part of the world: " + object);
        }
        yield next;
      }
    };
  }

  /** That world with nodes {@code node-1} and so on, of those addresses. */
  public static World withNodes(World world, String... hosts) {
    Map<String, String> byName = new TreeMap<>();
    for (String host : hosts) {
      byName.put("node-%d".formatted(byName.size() + 1), host);
    }
    return world(world, world.pod(), byName);
  }

  /** That world with a Service that was given a node port. */
  public static World withNodePort(World world, int port) {
    return world.with(
        new ServiceBuilder(InstanceService.desired(world))
            .editSpec()
            .withClusterIP("10.96.0.7")
            .editFirstPort()
            .withNodePort(port)
            .endPort()
            .endSpec()
            .build());
  }

  /** That world with a claim that records data fitting the spec. */
  public static World withData(World world) {
    return withData(world, DataRecord.ofNew("7300000000000000001", world.instance().getSpec()));
  }

  /** That world with a claim that records that data. */
  static World withData(World world, DataRecord record) {
    return world.with(DataClaim.desired(world, Optional.of(record)));
  }

  /**
   * A world whose claim has a volume of the first size and asks for the second one, and has
   * conditions with those messages.
   */
  public static World growing(String actual, String asked, Map<String, String> conditions) {
    World world = withData(of("storage: {size: %s}".formatted(asked)));
    return world.with(
        new PersistentVolumeClaimBuilder(world.claim().orElseThrow())
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
  public static World changed(World world, String spec) {
    PostgresInstance instance = YAML.clone(world.instance());
    instance.setSpec(of(spec).instance().getSpec());
    instance.getMetadata().setGeneration(instance.getMetadata().getGeneration() + 1);
    return withInstance(world, instance);
  }

  /** That world once that has been said of it. */
  public static World said(World world, PostgresInstanceStatus status) {
    PostgresInstance instance = YAML.clone(world.instance());
    instance.setStatus(status);
    return withInstance(world, instance);
  }

  /** That world with another state of the instance. */
  public static World withInstance(World world, PostgresInstance instance) {
    return new World(
        instance,
        world.service(),
        world.claim(),
        world.appSecret(),
        world.operatorSecret(),
        world.superuserSecret(),
        world.callersSecret(),
        world.configMap(),
        world.statefulSet(),
        world.pod(),
        world.nodeHosts(),
        world.reclaimPolicy());
  }

  /** That world with the Secret to which the spec refers. */
  static World withCallersSecret(World world, Secret secret) {
    return new World(
        world.instance(),
        world.service(),
        world.claim(),
        world.appSecret(),
        world.operatorSecret(),
        world.superuserSecret(),
        Optional.of(secret),
        world.configMap(),
        world.statefulSet(),
        world.pod(),
        world.nodeHosts(),
        world.reclaimPolicy());
  }

  private static World world(World world, Optional<Pod> pod, Map<String, String> nodeHosts) {
    return new World(
        world.instance(),
        world.service(),
        world.claim(),
        world.appSecret(),
        world.operatorSecret(),
        world.superuserSecret(),
        world.callersSecret(),
        world.configMap(),
        world.statefulSet(),
        pod,
        nodeHosts,
        world.reclaimPolicy());
  }

  private static World empty(PostgresInstance instance) {
    return new World(
        instance,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty());
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
    try (InputStream crd = Worlds.class.getResourceAsStream(CRD)) {
      return YAML.unmarshal(crd, ObjectNode.class)
          .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
