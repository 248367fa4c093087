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
 * Records every state of a PostgresInstance, from the current one on. A watch misses no state,
 * unlike polling.
 */
public final class StateHistory implements AutoCloseable {

  private final KubernetesClient client = TestCluster.client();
  private final List<String> states = new CopyOnWriteArrayList<>();
  private final List<WatcherException> gaps = new CopyOnWriteArrayList<>();
  private final Map<String, GitOpsHealth> healthByState = new ConcurrentHashMap<>();
  private final Watch watch;

  private StateHistory(String namespace, String name) {
    // A generic resource keeps the fields that our classes do not know.
    watch =
        client
            .genericKubernetesResources(
                ResourceDefinitionContext.fromResourceType(PostgresInstance.class))
            .inNamespace(namespace)
            .withName(name)
            .watch(new StateRecorder());
  }

  /** Records an instance that need not exist yet. */
  public static StateHistory of(String namespace, String name) {
    return new StateHistory(namespace, name);
  }

  public static StateHistory of(Instance instance) {
    return of(instance.namespace(), instance.name());
  }

  /**
   * The health that GitOps tools derived from each state, in order and without consecutive
   * duplicates.
   */
  public List<GitOpsHealth> health() {
    List<GitOpsHealth> health = new ArrayList<>();
    for (String state : states()) {
      GitOpsHealth next = healthByState.computeIfAbsent(state, GitOpsHealth::of);
      if (health.isEmpty() || !health.getLast().equals(next)) {
        health.add(next);
      }
    }
    return health;
  }

  /** The status of each state, in order. */
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
              throw new AssertionError("the watch ended before the test", gap);
            });
    return states;
  }

  @Override
  public void close() {
    watch.close();
  }

  private final class StateRecorder implements Watcher<GenericKubernetesResource> {
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
