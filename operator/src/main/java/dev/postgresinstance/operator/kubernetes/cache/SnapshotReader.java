package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.ClusterFacts;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.ObjectKey.Lifetime;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.cluster.Nodes;
import dev.postgresinstance.operator.kubernetes.cluster.ReclaimPolicies;
import dev.postgresinstance.operator.kubernetes.cluster.SchedulingEvidenceReader;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads instances and their objects: from the caches, and from the API server where a cache could
 * be wrong in a way that matters.
 */
public final class SnapshotReader {

  private final KubernetesClient client;
  private final Informers informers;
  private final ReadYourReads reads = new ReadYourReads();
  private final Nodes nodes;
  private final ReclaimPolicies reclaimPolicies;
  private final SchedulingEvidenceReader evidence;

  /** Creates a reader that prefers the caches of these informers. */
  public SnapshotReader(KubernetesClient client, Informers informers) {
    this.client = client;
    this.informers = informers;
    this.nodes = new Nodes(client);
    this.reclaimPolicies = new ReclaimPolicies(client);
    this.evidence = new SchedulingEvidenceReader(client, nodes);
  }

  /** Reads an instance and all its objects, once. */
  public Snapshot read(PostgresInstance instance) {
    Map<ObjectKey<?>, HasMetadata> objects = new HashMap<>();
    for (ObjectKey<?> key : ObjectKey.ALL) {
      read(instance, key).ifPresent(object -> objects.put(key, object));
    }
    Snapshot snapshot = new Snapshot(instance, objects, ClusterFacts.UNKNOWN);
    Map<String, String> hosts = nodes.hosts(snapshot.pod().map(pod -> pod.getSpec().getNodeName()));
    Optional<String> reclaimPolicy =
        snapshot.get(ObjectKey.CLAIM).flatMap(reclaimPolicies::reclaimPolicy);
    return new Snapshot(instance, objects, new ClusterFacts(hosts, reclaimPolicy));
  }

  private <R extends HasMetadata> Optional<R> read(PostgresInstance instance, ObjectKey<R> key) {
    String namespace = instance.getMetadata().getNamespace();
    Optional<String> name = key.name(instance);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    if (key.kind() == Pod.class) {
      return cachedOnly(key.kind(), name.get(), namespace);
    }
    if (key.lifetime() == Lifetime.FOREIGN) {
      return live(key.kind(), name.get(), namespace); // without our label it is in no cache
    }
    return key.isRequested(instance)
        ? cachedOrLive(key.kind(), name.get(), namespace)
        : withoutLiveRead(instance, key.kind(), name.get());
  }

  /** Skips the live read of an object that the spec does not ask for. */
  private <R extends HasMetadata> Optional<R> withoutLiveRead(
      PostgresInstance instance, Class<R> kind, String name) {
    return informers
        .cached(kind, name, instance.getMetadata().getNamespace())
        .filter(object -> !Ownership.isOwnedByDeletedInstance(instance, object));
  }

  /**
   * A pod often does not exist, so one that is not in the cache is not read from the API server.
   */
  private <R extends HasMetadata> Optional<R> cachedOnly(
      Class<R> kind, String name, String namespace) {
    return reads.latest(
        key(kind, name, namespace),
        informers.cached(kind, name, namespace),
        () -> live(kind, name, namespace));
  }

  /**
   * Reads an object that is not in the cache from the API server: the cache may lag, and contains
   * only objects with the operator's label. A Secret that seems to be missing would be created
   * again with another password.
   */
  private <R extends HasMetadata> Optional<R> cachedOrLive(
      Class<R> kind, String name, String namespace) {
    return reads.latest(
        key(kind, name, namespace),
        informers.cached(kind, name, namespace).or(() -> live(kind, name, namespace)),
        () -> live(kind, name, namespace));
  }

  /** What events and nodes say about an instance to which no login succeeds. */
  public SchedulingEvidence evidence(Snapshot snapshot, LoginResult login, Instant now) {
    return evidence.evidence(snapshot, login, now);
  }

  /** The instance in its latest known state; empty when it is deleted. */
  public Optional<PostgresInstance> latest(PostgresInstance instance) {
    ObjectMeta metadata = instance.getMetadata();
    return reads.latest(
        key(PostgresInstance.class, metadata.getName(), metadata.getNamespace()),
        Optional.of(instance),
        () -> live(instance));
  }

  /** The instance as the API server has it now; empty when it is deleted. */
  public Optional<PostgresInstance> live(PostgresInstance instance) {
    return Optional.ofNullable(client.resource(instance).get());
  }

  /** Whether the API server still has this instance; the cache may lag behind a deletion. */
  public boolean exists(PostgresInstance instance) {
    return live(instance)
        .map(PostgresInstance::getMetadata)
        .filter(live -> live.getUid().equals(instance.getMetadata().getUid()))
        .filter(live -> live.getDeletionTimestamp() == null)
        .isPresent();
  }

  /** Whether the API server still has a Secret as it was read. */
  public boolean isCurrent(Secret read) {
    Secret live = client.resource(read).get();
    return live != null
        && live.getMetadata().getResourceVersion().equals(read.getMetadata().getResourceVersion());
  }

  private static String key(Class<?> kind, String name, String namespace) {
    return "%s %s/%s".formatted(kind.getSimpleName(), namespace, name);
  }

  /**
   * Reads an object by a list with its name, because the operator has the permission to list all
   * kinds, but to get only Secrets.
   */
  private <R extends HasMetadata> Optional<R> live(Class<R> kind, String name, String namespace) {
    var objects = client.resources(kind).inNamespace(namespace);
    return kind == Secret.class
        ? Optional.ofNullable(objects.withName(name).get())
        : objects.withField("metadata.name", name).list().getItems().stream().findFirst();
  }
}
