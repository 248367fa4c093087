package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.ObjectKey.Lifetime;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An instance and its objects, read once for a reconciliation. The objects come from the informers'
 * caches and must not be changed.
 *
 * @param instance the resource
 * @param objects the objects that exist, by key
 * @param cluster what is known of the cluster
 * @param surroundings objects of which an instance can have any number
 */
public record Snapshot(
    PostgresInstance instance,
    Map<ObjectKey<?>, HasMetadata> objects,
    ClusterFacts cluster,
    Surroundings surroundings) {

  public Snapshot {
    objects = Map.copyOf(objects);
  }

  /** A snapshot of an instance without backups and helpers. */
  public Snapshot(
      PostgresInstance instance, Map<ObjectKey<?>, HasMetadata> objects, ClusterFacts cluster) {
    this(instance, objects, cluster, Surroundings.NONE);
  }

  /** The object of a key; empty when it does not exist. */
  public <T extends HasMetadata> Optional<T> get(ObjectKey<T> key) {
    return Optional.<HasMetadata>ofNullable(objects.get(key))
        .or(() -> oneOfClaims(key))
        .map(key.kind()::cast);
  }

  /** Name of the claim that holds the data, whether or not it exists. */
  public String claimName() {
    return get(ObjectKey.CLAIM)
        .map(claim -> claim.getMetadata().getName())
        .orElseGet(
            () -> ClaimInUse.name(instance, get(ObjectKey.OPERATOR_SECRET), surroundings.claims()));
  }

  /** The pod of the StatefulSet; empty when it does not exist. */
  public Optional<Pod> pod() {
    return get(ObjectKey.POD);
  }

  /** The pod, unless it is being deleted. */
  public Optional<Pod> activePod() {
    return pod().filter(pod -> pod.getMetadata().getDeletionTimestamp() == null);
  }

  /**
   * The pod for which the instance waits while no login succeeds: that of the StatefulSet, or,
   * where there is none, that of a restore.
   */
  public Optional<Pod> awaitedPod() {
    return pod().or(() -> surroundings.unfinishedOfJob(Names.restoreJob(instance)));
  }

  /** The status that the last reconciliation wrote. */
  public PreviousStatus previousStatus() {
    return PreviousStatus.of(instance);
  }

  /** The objects that the operator writes, as far as they exist. */
  public List<HasMetadata> children() {
    return existing(ObjectKey.ALL.stream().filter(ObjectKey::isChild)).toList();
  }

  /** Whether a child is missing that is not {@code ON_REQUEST}. */
  public boolean lacksChildren() {
    return ObjectKey.ALL.stream()
        .filter(ObjectKey::isChild)
        .filter(key -> key.lifetime() != Lifetime.ON_REQUEST)
        .anyMatch(key -> !objects.containsKey(key));
  }

  /** The children that hold data and passwords, as far as they exist. They share one lifetime. */
  public Stream<HasMetadata> retained() {
    return existing(ObjectKey.ALL.stream().filter(key -> key.lifetime() == Lifetime.RETAINED));
  }

  /** The Secrets that the operator writes, as far as they exist. */
  public Stream<Secret> secrets() {
    return children().stream().filter(Secret.class::isInstance).map(Secret.class::cast);
  }

  private Stream<HasMetadata> existing(Stream<ObjectKey<?>> keys) {
    return keys.flatMap(key -> Stream.ofNullable(objects.get(key)));
  }

  /** Whether the superuser may log in over the network. */
  public boolean superuserAccess() {
    return Boolean.TRUE.equals(instance.getSpec().superuserAccess());
  }

  /** Whether the spec asks for no running server. */
  public boolean suspended() {
    return Boolean.TRUE.equals(instance.getSpec().suspend());
  }

  /** Whether the spec asks the operator to change nothing. */
  public boolean paused() {
    return Boolean.TRUE.equals(instance.getSpec().paused());
  }

  /** The node port that the Service has now. */
  public Optional<Integer> nodePort() {
    return get(ObjectKey.SERVICE)
        .flatMap(service -> service.getSpec().getPorts().stream().findFirst())
        .map(port -> port.getNodePort())
        .filter(port -> port != 0);
  }

  /**
   * Returns this snapshot with an object in place of the one with the same key; an object that has
   * no key is ignored.
   */
  public Snapshot with(HasMetadata object) {
    Map<ObjectKey<?>, HasMetadata> next = new HashMap<>(objects);
    ObjectKey.ALL.stream()
        .filter(key -> identifies(key, object))
        .forEach(key -> next.put(key, object));
    return new Snapshot(instance, next, cluster, surroundings);
  }

  private boolean identifies(ObjectKey<?> key, HasMetadata object) {
    return key == ObjectKey.CLAIM
        ? key.kind().isInstance(object) && object.getMetadata().getName().equals(claimName())
        : key.identifies(instance, object);
  }

  private Optional<PersistentVolumeClaim> oneOfClaims(ObjectKey<?> key) {
    return key.name(instance)
        .filter(name -> key.kind() == PersistentVolumeClaim.class && !ObjectKey.ALL.contains(key))
        .flatMap(surroundings::claim);
  }
}
