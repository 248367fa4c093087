package dev.postgresinstance.operator.instance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
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
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Snapshots for tests, read from YAML as the API server returns it. */
public final class Snapshots {

  /** UID of the instance in every snapshot of {@link #of}. */
  public static final String UID = "6f1f3c4e-0000-4000-8000-000000000001";

  /** Transition time of the claim's conditions in {@link #resizing}. */
  public static final Instant REFUSED_AT = Instant.parse("2026-01-02T03:04:05Z");

  private static final KubernetesSerialization YAML = new KubernetesSerialization();
  private static final String CRD =
      "/META-INF/fabric8/postgresinstances.postgresinstance.dev-v1.yml";
  private static final JsonNode SPEC_SCHEMA = specSchema();

  static {
    YAML.registerKubernetesResource(PostgresBackup.class);
  }

  private Snapshots() {}

  /**
   * A snapshot of instance {@code orders} in namespace {@code shop} before any child exists.
   *
   * @param spec in YAML, as a user writes it
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
   * The snapshot of some YAML documents: the instance first, then children, the pod and nodes.
   *
   * @throws IllegalArgumentException when a document is no part of a snapshot
   */
  public static Snapshot read(String yaml) {
    String[] documents = yaml.split("(?m)^---\n");
    Snapshot snapshot = new Snapshot(instance(documents[0]), Map.of(), ClusterFacts.UNKNOWN);
    for (String document : Arrays.asList(documents).subList(1, documents.length)) {
      snapshot = with(snapshot, YAML.<HasMetadata>unmarshal(document));
    }
    return snapshot;
  }

  /** The snapshot with one more object, or with another version of one. */
  public static Snapshot with(Snapshot snapshot, HasMetadata object) {
    return switch (object) {
      case Pod pod ->
          withObject(
              snapshot,
              ObjectKey.BACKUP_POD.identifies(snapshot.instance(), pod)
                  ? ObjectKey.BACKUP_POD
                  : ObjectKey.POD,
              pod);
      case PostgresBackup backup
          when ObjectKey.SOURCE_BACKUP.identifies(snapshot.instance(), backup) ->
          withObject(snapshot, ObjectKey.SOURCE_BACKUP, backup);
      case PostgresBackup backup -> withBackup(snapshot, backup);
      case PostgresInstance source -> withObject(snapshot, ObjectKey.SOURCE_INSTANCE, source);
      case Node node -> {
        Map<String, String> hosts = new TreeMap<>(snapshot.cluster().nodeHosts());
        String host = node.getStatus().getAddresses().getFirst().getAddress();
        hosts.put(node.getMetadata().getName(), host);
        yield withHosts(snapshot, hosts);
      }
      default -> {
        Snapshot next = snapshot.with(object);
        if (!next.children().contains(object)) {
          throw new IllegalArgumentException("no part of a snapshot: " + object);
        }
        yield next;
      }
    };
  }

  private static Snapshot withBackup(Snapshot snapshot, PostgresBackup backup) {
    List<PostgresBackup> backups = new ArrayList<>(snapshot.surroundings().backups());
    backups.add(backup);
    return new Snapshot(
        snapshot.instance(),
        snapshot.objects(),
        snapshot.cluster(),
        new Surroundings(
            backups, snapshot.surroundings().helpers(), snapshot.surroundings().claims()));
  }

  /** The snapshot with nodes {@code node-1} and so on that have these addresses. */
  public static Snapshot withNodes(Snapshot snapshot, String... hosts) {
    Map<String, String> byName = new TreeMap<>();
    for (String host : hosts) {
      byName.put("node-%d".formatted(byName.size() + 1), host);
    }
    return withHosts(snapshot, byName);
  }

  /** The snapshot with a Service that has this node port. */
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

  /** An instance with a node port and recorded data, and without a pod. */
  public static Snapshot initialized() {
    return withData(withNodePort(of("{}"), 30432));
  }

  /** The snapshot with a published password. */
  public static Snapshot withPublishedPassword(Snapshot snapshot) {
    return snapshot.with(
        new SecretBuilder()
            .withMetadata(
                Labels.retained(snapshot, Names.appSecret(snapshot.instance()), "credentials")
                    .build())
            .addToData("password", "cA==")
            .build());
  }

  /** The snapshot with a claim that records data matching the spec. */
  public static Snapshot withData(Snapshot snapshot) {
    return withData(
        snapshot, DataRecord.ofNew("7300000000000000001", snapshot.instance().getSpec()));
  }

  /** The snapshot with a claim that records this data. */
  public static Snapshot withData(Snapshot snapshot, DataRecord record) {
    return snapshot.with(DataClaim.desired(snapshot, Optional.of(record)));
  }

  /**
   * A snapshot of an instance whose volume is being resized.
   *
   * @param actual size of the volume
   * @param requested size that spec and claim request
   * @param conditions messages of the claim's conditions by type
   */
  public static Snapshot resizing(String actual, String requested, Map<String, String> conditions) {
    Snapshot snapshot = withData(of("storage: {size: %s}".formatted(requested)));
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

  /** The snapshot after the user has changed the spec to this one, in a new generation. */
  public static Snapshot withSpec(Snapshot snapshot, String spec) {
    PostgresInstance instance = YAML.clone(snapshot.instance());
    instance.setSpec(of(spec).instance().getSpec());
    instance.getMetadata().setGeneration(instance.getMetadata().getGeneration() + 1);
    return withInstance(snapshot, instance);
  }

  /** The same instance with an annotation. */
  public static Snapshot withAnnotation(Snapshot snapshot, String name, String value) {
    PostgresInstance instance = YAML.clone(snapshot.instance());
    instance.getMetadata().setAnnotations(Map.of(name, value));
    return withInstance(snapshot, instance);
  }

  /** The snapshot of an instance with this status. */
  public static Snapshot withStatus(Snapshot snapshot, PostgresInstanceStatus status) {
    PostgresInstance instance = YAML.clone(snapshot.instance());
    instance.setStatus(status);
    return withInstance(snapshot, instance);
  }

  /** The snapshot with another version of the instance. */
  public static Snapshot withInstance(Snapshot snapshot, PostgresInstance instance) {
    return new Snapshot(instance, snapshot.objects(), snapshot.cluster(), snapshot.surroundings());
  }

  /** The snapshot with the Secret that spec.passwordSecretRef names. */
  public static Snapshot withUserPasswordSecret(Snapshot snapshot, Secret secret) {
    return withObject(snapshot, ObjectKey.USER_PASSWORD_SECRET, secret);
  }

  private static Snapshot withObject(Snapshot snapshot, ObjectKey<?> key, HasMetadata object) {
    Map<ObjectKey<?>, HasMetadata> objects = new HashMap<>(snapshot.objects());
    objects.put(key, object);
    return new Snapshot(snapshot.instance(), objects, snapshot.cluster(), snapshot.surroundings());
  }

  private static Snapshot withHosts(Snapshot snapshot, Map<String, String> hosts) {
    return new Snapshot(
        snapshot.instance(),
        snapshot.objects(),
        new ClusterFacts(hosts, snapshot.cluster().reclaimPolicy()),
        snapshot.surroundings());
  }

  private static PostgresInstance instance(String yaml) {
    ObjectNode instance = YAML.unmarshal(yaml, ObjectNode.class);
    ObjectNode spec =
        instance.get("spec") instanceof ObjectNode given ? given : instance.putObject("spec");
    fillDefaults(spec, SPEC_SCHEMA);
    return YAML.convertValue(instance, PostgresInstance.class);
  }

  /** Sets the defaults of the shipped CRD, as the API server does. */
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
