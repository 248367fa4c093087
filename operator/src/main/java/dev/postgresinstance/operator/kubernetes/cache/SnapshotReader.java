package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.ClusterFacts;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.ObjectKey.Lifetime;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Surroundings;
import dev.postgresinstance.operator.kubernetes.cluster.Nodes;
import dev.postgresinstance.operator.kubernetes.cluster.ReclaimPolicies;
import dev.postgresinstance.operator.kubernetes.cluster.SchedulingEvidenceReader;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads instances and their objects: from the caches, and from the API server where a cache could
 * be wrong in a way that matters.
 */
public final class SnapshotReader {

  /** Kinds that are read from the cache alone. */
  private static final Set<Class<?>> CACHED_ONLY = Set.of(Pod.class, PostgresBackup.class);

  private final KubernetesClient client;
  private final Informers informers;
  private final ReadYourReads reads = new ReadYourReads();
  private final Nodes nodes;
  private final ReclaimPolicies reclaimPolicies;
  private final SchedulingEvidenceReader evidence;
  private final ClaimReader claims = new ClaimReader(this::live);

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
      if (key != ObjectKey.CLAIM) {
        read(instance, key).ifPresent(object -> objects.put(key, object));
      }
    }
    Surroundings surroundings = surroundings(name(instance), namespace(instance));
    Snapshot withoutClaim = new Snapshot(instance, objects, ClusterFacts.UNKNOWN, surroundings);
    String claimName = claims.inUse(withoutClaim);
    cachedOrLive(PersistentVolumeClaim.class, claimName, namespace(instance))
        .ifPresent(claim -> objects.put(ObjectKey.CLAIM, claim));
    Snapshot snapshot = new Snapshot(instance, objects, ClusterFacts.UNKNOWN, surroundings);
    Map<String, String> hosts = nodes.hosts(snapshot.pod().map(pod -> pod.getSpec().getNodeName()));
    Optional<String> reclaimPolicy =
        snapshot.get(ObjectKey.CLAIM).flatMap(reclaimPolicies::reclaimPolicy);
    return new Snapshot(instance, objects, new ClusterFacts(hosts, reclaimPolicy), surroundings);
  }

  private <R extends HasMetadata> Optional<R> read(PostgresInstance instance, ObjectKey<R> key) {
    String namespace = instance.getMetadata().getNamespace();
    Optional<String> name = key.name(instance);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    if (key.kind() == PostgresInstance.class) {
      return informers.instance(name.get(), namespace).flatMap(this::latest).map(key.kind()::cast);
    }
    if (CACHED_ONLY.contains(key.kind())) {
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
   * The cache of backups contains all of them.
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

  /** The backups and helper pods of an instance, which may not exist any more. */
  public Surroundings surroundings(String instance, String namespace) {
    return informers.surroundings(instance, namespace);
  }

  /** An instance by its name; empty when there is none. */
  public Optional<PostgresInstance> instance(String name, String namespace) {
    return cachedInstance(name, namespace).or(() -> live(PostgresInstance.class, name, namespace));
  }

  /** An instance by its name; empty when there is none, or when the cache does not know it yet. */
  public Optional<PostgresInstance> cachedInstance(String name, String namespace) {
    return informers.instance(name, namespace).flatMap(this::latest);
  }

  /** A backup in its latest known state; empty when it is deleted. */
  public Optional<PostgresBackup> latest(PostgresBackup backup) {
    return reads.latest(
        key(PostgresBackup.class, name(backup), namespace(backup)),
        Optional.of(backup),
        () -> live(backup));
  }

  /** The backup as the API server has it now; empty when it is deleted. */
  public Optional<PostgresBackup> live(PostgresBackup backup) {
    return live(PostgresBackup.class, name(backup), namespace(backup));
  }

  /** A Job by its name; empty when there is none. */
  public Optional<Job> job(String name, String namespace) {
    return cachedOrLive(Job.class, name, namespace);
  }

  /**
   * What events say about a Job that has no pod, or whose pod does not start.
   *
   * @param active the pods of the Job that have not ended
   */
  public SchedulingEvidence evidence(Job job, List<Pod> active, Instant now) {
    return evidence.evidence(job, active, now);
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

  /** The Secret of this name as the API server has it now; empty if there is none. */
  public Optional<Secret> secret(String namespace, String name) {
    return live(Secret.class, name, namespace);
  }

  /** Whether the API server still has a Secret as it was read. */
  public boolean isCurrent(Secret read) {
    Secret live = client.resource(read).get();
    return live != null
        && live.getMetadata().getResourceVersion().equals(read.getMetadata().getResourceVersion());
  }

  private static String name(HasMetadata object) {
    return object.getMetadata().getName();
  }

  private static String namespace(HasMetadata object) {
    return object.getMetadata().getNamespace();
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
