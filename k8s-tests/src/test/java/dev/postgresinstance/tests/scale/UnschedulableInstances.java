package dev.postgresinstance.tests.scale;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;

/** Instances that no node accepts. */
final class UnschedulableInstances {

  private static final String NAMESPACE = "scale-unschedulable";
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private UnschedulableInstances() {}

  /** Creates the given number of instances, and waits until all of them report the problem. */
  static void create(int number) {
    KubernetesClient client = TestCluster.client();
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(NAMESPACE).endMetadata().build())
        .serverSideApply();
    for (int i = 0; i < number; i++) {
      GenericKubernetesResource instance =
          new GenericKubernetesResourceBuilder()
              .withApiVersion("postgresinstance.dev/v1alpha1")
              .withKind("PostgresInstance")
              .withNewMetadata()
              .withNamespace(NAMESPACE)
              .withName("u" + i)
              .endMetadata()
              .build();
      instance.setAdditionalProperty(
          "spec", Map.of("pod", Map.of("nodeSelector", Map.of("example.com/nowhere", "true"))));
      client.resource(instance).create();
    }
    Awaitility.await("all of them are unschedulable")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(5))
        .until(() -> unschedulable() == number);
  }

  private static long unschedulable() {
    return TestCluster.client()
        .resources(PostgresInstance.class)
        .inNamespace(NAMESPACE)
        .list()
        .getItems()
        .stream()
        .filter(
            instance ->
                instance
                    .condition(ConditionType.READY)
                    .filter(ready -> "Unschedulable".equals(ready.getReason()))
                    .isPresent())
        .count();
  }

  /** Deletes them, and waits until their objects are gone. */
  static void delete() {
    KubernetesClient client = TestCluster.client();
    client.namespaces().withName(NAMESPACE).delete();
    Awaitility.await("their namespace is gone")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(5))
        .until(() -> client.namespaces().withName(NAMESPACE).get() == null);
  }
}
