package dev.postgresinstance.tests.support;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Every version of an instance's status from now on: more than any poll would see. */
public final class History implements AutoCloseable {

  private final Queue<PostgresInstanceStatus> statuses = new ConcurrentLinkedQueue<>();
  private final Queue<WatcherException> failures = new ConcurrentLinkedQueue<>();
  private final Watch watch;

  private History(Instance instance) {
    watch =
        TestCluster.client()
            .resources(PostgresInstance.class)
            .inNamespace(instance.namespace())
            .withName(instance.name())
            .watch(new Recording());
  }

  /** Begins to record. */
  public static History of(Instance instance) {
    return new History(instance);
  }

  /** What there was so far; fails if something was missed. */
  public List<PostgresInstanceStatus> statuses() {
    failures.stream()
        .findFirst()
        .ifPresent(
            failure -> {
              throw new AssertionError("the history has a gap", failure);
            });
    return List.copyOf(statuses);
  }

  @Override
  public void close() {
    watch.close();
  }

  private final class Recording implements Watcher<PostgresInstance> {

    @Override
    public void eventReceived(Action action, PostgresInstance instance) {
      statuses.add(instance.getStatus());
    }

    @Override
    public void onClose(WatcherException cause) {
      failures.add(cause);
    }
  }
}
