package dev.postgresinstance.tests.bench;

import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Settings;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** One of the two compared ways to create a server: a file for one call of `kubectl apply`. */
final class Contender {

  private final KubernetesClient client = TestCluster.client();
  private final String name;
  private final int nodePort = Cluster.freeNodePort();

  Contender(String name) {
    this.name = name;
  }

  /**
   * How long it took from `kubectl apply` to SQL, from `kubectl delete pod` to SQL, and from the
   * deletion of the applied resource to the end of its pod, whose last start was seconds before.
   */
  record Times(Duration applied, Duration restarted, Duration deleted) {}

  /**
   * Runs one round.
   *
   * @param age how long the pod has been ready when it is deleted. The kubelet checks its
   *     containers once a second, and after a change of a pod it waits for the next check before it
   *     acts on the pod again. If the age is too short, the measurement includes the end of the
   *     start; if it is the same each time, the measurement depends on the position of each
   *     contender within that second
   */
  Times run(Duration age) throws IOException, InterruptedException {
    Namespace namespace = createNamespace();
    String namespaceName = namespace.getMetadata().getName();
    Path file = Files.writeString(Files.createTempFile(name, ".yaml"), filledIn());
    try {
      Logins logins = new Logins(namespaceName, nodePort);

      long apply = System.nanoTime();
      Cluster.kubectl("apply", "--namespace=" + namespaceName, "--filename=" + file);
      String started = logins.waitForServerOtherThan("");
      Duration applied = Duration.ofNanos(System.nanoTime() - apply);

      settle(namespaceName);
      Thread.sleep(age);
      long delete = System.nanoTime();
      Cluster.kubectl("delete", "pod", "orders-0", "--namespace=" + namespaceName, "--wait=false");
      logins.waitForServerOtherThan(started);
      Duration restarted = Duration.ofNanos(System.nanoTime() - delete);

      settle(namespaceName);
      Thread.sleep(age);
      return new Times(applied, restarted, delete(namespaceName));
    } finally {
      Files.delete(file);
      removeNamespace(namespaceName);
    }
  }

  /** Deletes what was applied, and returns how long its pod took to disappear. */
  private Duration delete(String namespaceName) {
    long begin = System.nanoTime();
    String kinds = name.equals("operator") ? "pgi" : "statefulset";
    Cluster.kubectl("delete", kinds, "orders", "--namespace=" + namespaceName, "--wait=false");
    client
        .pods()
        .inNamespace(namespaceName)
        .withName("orders-0")
        .waitUntilCondition(Objects::isNull, 1, TimeUnit.MINUTES);
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  /** Waits until the pod is ready, so that its start is not part of the measured restart. */
  private void settle(String namespaceName) {
    client
        .pods()
        .inNamespace(namespaceName)
        .withName("orders-0")
        .waitUntilReady(1, TimeUnit.MINUTES);
  }

  private Namespace createNamespace() {
    return client
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withGenerateName("bench-")
                .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                .endMetadata()
                .build())
        .create();
  }

  /** Deletes the namespace and its volumes and waits, so that no round slows down the next one. */
  private void removeNamespace(String namespaceName) {
    Cluster.kubectl("delete", "pgi,statefulset", "--all", "--namespace=" + namespaceName);
    client.namespaces().withName(namespaceName).delete();
    client
        .namespaces()
        .withName(namespaceName)
        .waitUntilCondition(Objects::isNull, 2, TimeUnit.MINUTES);
  }

  private String filledIn() throws IOException {
    try (InputStream yaml =
        Objects.requireNonNull(Contender.class.getResourceAsStream("/bench/" + name + ".yaml"))) {
      return new String(yaml.readAllBytes(), StandardCharsets.UTF_8)
          .replace("${image}", image())
          .replace("${nodePort}", Integer.toString(nodePort))
          .replace("${password}", UUID.randomUUID().toString());
    }
  }

  static String image() {
    return Settings.postgresImage()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "PGI_POSTGRES_IMAGE, the image to measure with, is not set: run this by `make"
                        + " bench`"));
  }
}
