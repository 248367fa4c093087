package dev.postgresinstance.tests.support;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Every state of a PostgresInstance that the API server had from now on, and the one it has: not
 * one is missed, as it would be between two looks.
 */
public final class Sightings implements AutoCloseable {

  private final KubernetesClient client = TestCluster.client();
  private final List<String> states = new CopyOnWriteArrayList<>();
  private final List<WatcherException> gaps = new CopyOnWriteArrayList<>();
  private final Map<String, GitOpsHealth> known = new ConcurrentHashMap<>();
  private final Watch watch;

  private Sightings(String namespace, String name) {
    // Generic, since what no class of ours knows would be missing in the others.
    watch =
        client
            .genericKubernetesResources(
                ResourceDefinitionContext.fromResourceType(PostgresInstance.class))
            .inNamespace(namespace)
            .withName(name)
            .watch(new Notes());
  }

  /** Of an instance that need not be there yet. */
  public static Sightings of(String namespace, String name) {
    return new Sightings(namespace, name);
  }

  public static Sightings of(Instance instance) {
    return of(instance.namespace(), instance.name());
  }

  /**
   * What GitOps tools made of it, one after the other: equal ones that follow each other are one.
   */
  public List<GitOpsHealth> health() {
    List<GitOpsHealth> health = new ArrayList<>();
    for (String state : states()) {
      GitOpsHealth next = known.computeIfAbsent(state, GitOpsHealth::of);
      if (health.isEmpty() || !health.getLast().equals(next)) {
        health.add(next);
      }
    }
    return health;
  }

  /** Its status, one after the other. */
  public List<PostgresInstanceStatus> statuses() {
    return states().stream()
        .map(state -> client.getKubernetesSerialization().unmarshal(state, PostgresInstance.class))
        .map(PostgresInstance::getStatus)
        .toList();
  }

  private List<String> states() {
    gaps.stream()
        .findFirst()
        .ifPresent(
            gap -> {
              throw new AssertionError("the watch ended too early", gap);
            });
    return states;
  }

  @Override
  public void close() {
    watch.close();
  }

  private final class Notes implements Watcher<GenericKubernetesResource> {
    @Override
    public void eventReceived(Action action, GenericKubernetesResource state) {
      if (action != Action.DELETED) {
        states.add(client.getKubernetesSerialization().asJson(state));
      }
    }

    @Override
    public void onClose(WatcherException cause) {
      gaps.add(cause);
    }
  }
}
