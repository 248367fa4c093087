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

/** One of the two ways to get a server: a file for one call of `kubectl apply`. */
final class Contender {

  private final KubernetesClient client = TestCluster.client();
  private final String name;
  private final int nodePort = Cluster.freeNodePort();

  Contender(String name) {
    this.name = name;
  }

  /** How long it took from `kubectl apply` to SQL, and from `kubectl delete pod` to SQL. */
  record Times(Duration applied, Duration restarted) {}

  /**
   * Runs one round.
   *
   * @param age how long the pod has been ready when it is deleted. The kubelet looks at its
   *     containers once a second, and what it learns of a pod makes it wait for its next look
   *     before it acts on that pod again. So an age that is too short measures the end of the
   *     start, and one that is the same each time measures where in that second each contender
   *     happens to fall
   */
  Times run(Duration age) throws IOException, InterruptedException {
    Namespace namespace = makeNamespace();
    String ns = namespace.getMetadata().getName();
    Path file = Files.writeString(Files.createTempFile(name, ".yaml"), filledIn());
    try {
      Logins logins = new Logins(ns, nodePort);

      long apply = System.nanoTime();
      Cluster.kubectl("apply", "--namespace=" + ns, "--filename=" + file);
      String started = logins.waitForServerOtherThan("");
      Duration applied = Duration.ofNanos(System.nanoTime() - apply);

      settle(ns);
      Thread.sleep(age);
      long delete = System.nanoTime();
      Cluster.kubectl("delete", "pod", "orders-0", "--namespace=" + ns, "--wait=false");
      logins.waitForServerOtherThan(started);
      Duration restarted = Duration.ofNanos(System.nanoTime() - delete);
      return new Times(applied, restarted);
    } finally {
      Files.delete(file);
      removeNamespace(ns);
    }
  }

  /** Waits until the pod is ready: its start shall not be part of the restart. */
  private void settle(String ns) {
    client.pods().inNamespace(ns).withName("orders-0").waitUntilReady(1, TimeUnit.MINUTES);
  }

  private Namespace makeNamespace() {
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

  /** Gone before the next one begins, volume and all, so that no round pays for another. */
  private void removeNamespace(String ns) {
    Cluster.kubectl("delete", "pgi,statefulset", "--all", "--namespace=" + ns);
    client.namespaces().withName(ns).delete();
    client.namespaces().withName(ns).waitUntilCondition(Objects::isNull, 2, TimeUnit.MINUTES);
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
                    "PGI_POSTGRES_IMAGE says which image to measure with: start this by `make"
                        + " bench`"));
  }
}
