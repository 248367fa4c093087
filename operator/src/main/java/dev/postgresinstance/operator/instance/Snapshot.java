package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One reading of an instance and all of its children, taken once for a pass. The objects are those
 * of the informers' caches and must not be changed.
 *
 * @param instance the resource
 * @param superuserSecret the superuser's published password; empty also where it is given up
 * @param userPasswordSecret the Secret to which spec.passwordSecretRef refers; none of the children
 * @param nodeHosts address of each of the cluster's nodes by its name; empty where the operator may
 *     not read them
 * @param reclaimPolicy of the claim's volume; empty while it has none, or where the operator may
 *     not read it
 */
public record Snapshot(
    PostgresInstance instance,
    Optional<Service> service,
    Optional<PersistentVolumeClaim> claim,
    Optional<Secret> appSecret,
    Optional<Secret> operatorSecret,
    Optional<Secret> superuserSecret,
    Optional<Secret> userPasswordSecret,
    Optional<ConfigMap> configMap,
    Optional<StatefulSet> statefulSet,
    Optional<Pod> pod,
    Map<String, String> nodeHosts,
    Optional<String> reclaimPolicy) {

  /** So many children does every instance have, the pod, which it does not write, not counted. */
  private static final int CHILDREN = 6;

  /**
   * The children that are written by the operator, as far as they exist; first those that outlive
   * it.
   */
  public List<HasMetadata> children() {
    return Stream.<Optional<? extends HasMetadata>>of(
            service, claim, appSecret, operatorSecret, superuserSecret, configMap, statefulSet)
        .<HasMetadata>flatMap(Optional::stream)
        .toList();
  }

  /** Whether a child is not there that every instance has. */
  public boolean lacksChildren() {
    return children().size() - superuserSecret.stream().count() < CHILDREN;
  }

  /** The children that hold data and passwords, as far as they exist: one unit. */
  public Stream<HasMetadata> kept() {
    return Stream.concat(claim.stream(), keptSecrets());
  }

  /** The Secrets that stay with the data, as far as they exist. */
  private Stream<Secret> keptSecrets() {
    return Stream.of(appSecret, operatorSecret).flatMap(Optional::stream);
  }

  /** All Secrets of the instance, as far as they exist. */
  public Stream<Secret> secrets() {
    return Stream.concat(keptSecrets(), superuserSecret.stream());
  }

  /** Whether the user wants the superuser to come in over the network. */
  public boolean superuserAccess() {
    return Boolean.TRUE.equals(instance.getSpec().superuserAccess());
  }

  /** Whether the user wants no server to run. */
  public boolean suspended() {
    return Boolean.TRUE.equals(instance.getSpec().suspend());
  }

  /** Whether the user wants the operator to write nothing. */
  public boolean paused() {
    return Boolean.TRUE.equals(instance.getSpec().paused());
  }

  /** The node port that the Service has now. */
  public Optional<Integer> nodePort() {
    return service
        .flatMap(s -> s.getSpec().getPorts().stream().findFirst())
        .map(port -> port.getNodePort())
        .filter(port -> port != 0);
  }

  /** The same world with a child as the API server has just answered it. */
  public Snapshot with(HasMetadata child) {
    return new Snapshot(
        instance,
        replaced(service, Service.class, Names.service(instance), child),
        replaced(claim, PersistentVolumeClaim.class, Names.claim(instance), child),
        replaced(appSecret, Secret.class, Names.appSecret(instance), child),
        replaced(operatorSecret, Secret.class, Names.operatorSecret(instance), child),
        replaced(superuserSecret, Secret.class, Names.superuserSecret(instance), child),
        userPasswordSecret,
        replaced(configMap, ConfigMap.class, Names.configMap(instance), child),
        replaced(statefulSet, StatefulSet.class, Names.statefulSet(instance), child),
        pod,
        nodeHosts,
        reclaimPolicy);
  }

  private static <T extends HasMetadata> Optional<T> replaced(
      Optional<T> old, Class<T> type, String name, HasMetadata child) {
    return type.isInstance(child) && child.getMetadata().getName().equals(name)
        ? Optional.of(type.cast(child))
        : old;
  }
}
