package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Records every claim, pod and password that an instance has had since the start of the recording.
 */
final class InstanceRecorder implements AutoCloseable {

  private final Instance instance;
  private final Set<String> claims = ConcurrentHashMap.newKeySet();
  private final Set<String> pods = ConcurrentHashMap.newKeySet();
  private final Set<String> passwords = ConcurrentHashMap.newKeySet();
  private final List<Watch> watches = new ArrayList<>();
  private final int podsBefore;
  private final int passwordsBefore;

  private InstanceRecorder(Instance instance) {
    this.instance = instance;
    Optional.ofNullable(instance.claim()).ifPresent(claim -> claims.add(uid(claim)));
    Optional.ofNullable(instance.pod()).ifPresent(pod -> pods.add(uid(pod)));
    Optional.ofNullable(instance.appSecret())
        .map(InstanceRecorder::password)
        .ifPresent(passwords::add);
    podsBefore = pods.size();
    passwordsBefore = passwords.size();
    KubernetesClient client = TestCluster.client();
    String namespace = instance.namespace();
    String name = instance.name();
    watches.add(
        client
            .persistentVolumeClaims()
            .inNamespace(namespace)
            .withLabel("postgresinstance.dev/instance", name)
            .watch(new Recording<PersistentVolumeClaim>(claims, InstanceRecorder::uid)));
    watches.add(
        client
            .pods()
            .inNamespace(namespace)
            .withName(name + "-0")
            .watch(new Recording<Pod>(pods, InstanceRecorder::uid)));
    watches.add(
        client
            .secrets()
            .inNamespace(namespace)
            .withName(name + "-app")
            .watch(new Recording<Secret>(passwords, InstanceRecorder::password)));
  }

  /** Starts to record. */
  static InstanceRecorder of(Instance instance) {
    return new InstanceRecorder(instance);
  }

  /** Fails if there were more claims, pods or passwords than the flow creates. */
  void assertNothingElse(Flow flow) {
    assertThat(claims).as("claims").hasSize(1 + flow.claims());
    assertThat(pods).as("pods").hasSizeLessThanOrEqualTo(podsBefore + flow.pods());
    assertThat(passwords)
        .as("number of passwords")
        .hasSizeLessThanOrEqualTo(Math.max(1, passwordsBefore + flow.passwords()));
    if (instance.pod() != null) {
      assertThat(Cluster.containerRestarts(instance)).as("container restarts").isZero();
    }
  }

  private static String uid(HasMetadata object) {
    return object.getMetadata().getUid();
  }

  private static String password(Secret secret) {
    return Instance.decoded(secret).getOrDefault("password", "");
  }

  private record Recording<T>(Set<String> seen, Function<T, String> what) implements Watcher<T> {

    @Override
    public void eventReceived(Action action, T object) {
      if (action != Action.BOOKMARK && action != Action.ERROR) {
        seen.add(what.apply(object));
      }
    }

    @Override
    public void onClose(WatcherException cause) {
      seen.add(
          "a watch was closed: " + cause); // counts as one more object: the recording has a gap
    }
  }

  @Override
  public void close() {
    watches.forEach(Watch::close);
  }
}
