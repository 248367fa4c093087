package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;

/** Administrator access to the only node of the cluster. */
public final class Node {

  private Node() {}

  /** Runs a shell script on the node in a privileged pod, and waits for its end. */
  public static void run(String script) {
    Pod pod = TestCluster.client().resource(pod(script)).create();
    try {
      Eventually.that(
          script + " has ended",
          () -> assertThat(Cluster.current(pod).getStatus().getPhase()).isEqualTo("Succeeded"));
    } finally {
      Cluster.delete(pod);
    }
  }

  /** The UID of a pod. */
  public static String uid(String namespace, String pod) {
    return TestCluster.client()
        .pods()
        .inNamespace(namespace)
        .withName(pod)
        .require()
        .getMetadata()
        .getUid();
  }

  /**
   * A regular expression for the control group of a pod: its name has the UID with one of two
   * separators.
   */
  public static String controlGroup(String uid) {
    return uid.replace("-", "[-_]");
  }

  /** Kills the node with everything on it, as a power failure would, and starts it again. */
  public static void killAndStart() {
    String container = Settings.context().replaceFirst("^kind-", "") + "-control-plane";
    Command.run("docker", "kill", container);
    Command.run("docker", "start", container);
    Eventually.that(
        "the node is ready",
        () ->
            assertThat(TestCluster.client().nodes().list().getItems())
                .allMatch(
                    node ->
                        node.getStatus().getConditions().stream()
                            .anyMatch(
                                condition ->
                                    "Ready".equals(condition.getType())
                                        && "True".equals(condition.getStatus()))));
  }

  private static Pod pod(String script) {
    return new PodBuilder()
        .withNewMetadata()
        .withGenerateName("node-")
        .withNamespace("kube-system")
        .endMetadata()
        .withNewSpec()
        .withRestartPolicy("Never")
        .withHostPID(true)
        .withTerminationGracePeriodSeconds(0L)
        .addNewContainer()
        .withName("shell")
        .withImage(Settings.otherPostgresImage())
        .withCommand("nsenter", "--target", "1", "--mount", "--net", "--", "sh", "-ec", script)
        .withNewSecurityContext()
        .withPrivileged(true)
        .endSecurityContext()
        .endContainer()
        .endSpec()
        .build();
  }
}
