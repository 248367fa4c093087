package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** A Node object without a machine: there is no kubelet and no address. */
public final class LostNode implements AutoCloseable {

  private static final String HOSTNAME = "kubernetes.io/hostname";

  private final KubernetesClient client = TestCluster.client();
  private final String lastHeartbeat = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  private final String name;

  /** Creates a node whose kubelet sent its last heartbeat now. */
  public LostNode(String name) {
    this.name = name;
    client
        .resource(
            new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels(HOSTNAME, name)
                .endMetadata()
                .build())
        .create();
    client
        .nodes()
        .withName(name)
        .unlock()
        .editStatus(
            node ->
                new NodeBuilder(node)
                    .editOrNewStatus()
                    .addNewCondition()
                    .withType("Ready")
                    .withStatus("Unknown")
                    .withReason("NodeStatusUnknown")
                    .withMessage("Kubelet stopped posting node status.")
                    .withLastHeartbeatTime(lastHeartbeat)
                    .withLastTransitionTime(lastHeartbeat)
                    .endCondition()
                    .endStatus()
                    .build());
  }

  /** A node selector that matches only this node. */
  public Map<String, String> labels() {
    return Map.of(HOSTNAME, name);
  }

  /**
   * Binds the instance's pod to this node and sets its status to the last known state, running.
   *
   * @param host an address at which nothing answers
   */
  public void hostPodOf(Instance instance, String host) {
    Eventually.nonNull("a pod of " + instance, instance::pod);
    client
        .bindings()
        .inNamespace(instance.namespace())
        .resource(
            new BindingBuilder()
                .withNewMetadata()
                .withName(instance.podName())
                .endMetadata()
                .withNewTarget()
                .withKind("Node")
                .withName(name)
                .endTarget()
                .build())
        .create();
    Eventually.that(
        instance + " is on " + name,
        () -> assertThat(instance.pod().getSpec().getNodeName()).isEqualTo(name));
    client
        .pods()
        .inNamespace(instance.namespace())
        .withName(instance.podName())
        .unlock()
        .editStatus(bound -> running(bound, host));
  }

  private Pod running(Pod pod, String host) {
    return new PodBuilder(pod)
        .withNewStatus()
        .withPhase("Running")
        .withHostIP(host)
        .addNewHostIP(host)
        .addNewCondition()
        .withType("Ready")
        .withStatus("False")
        .withLastTransitionTime(lastHeartbeat)
        .endCondition()
        .addNewContainerStatus()
        .withName(Cluster.CONTAINER)
        .withImage(Cluster.serverIn(pod).getImage())
        .withImageID("sha256:0")
        .withContainerID("containerd://" + pod.getMetadata().getUid())
        .withReady(true)
        .withStarted(true)
        .withRestartCount(0)
        .withNewState()
        .withNewRunning()
        .withStartedAt(lastHeartbeat)
        .endRunning()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  /** Deletes the node, and thereby its pods. */
  @Override
  public void close() {
    client.nodes().withName(name).delete();
  }
}
