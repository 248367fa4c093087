package dev.postgresinstance.tests.scale;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Waits for the certificates of many instances, and fails if they take too long. */
final class Certificates {

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String VOLUME = "tls";

  private Certificates() {}

  /** Waits until the instances are ready and their servers present the right certificates. */
  static void waitUntilServed(List<String> instances) {
    waitUntil("certificates are served", PostgresInstance.class, Certificates::isServed, instances);
  }

  /** Waits until the next pods of the instances mount certificates. */
  static void waitUntilMountedByNextPods(List<String> instances) {
    waitUntil("pods mount certificates", StatefulSet.class, Certificates::isMounted, instances);
  }

  private static boolean isServed(PostgresInstance instance) {
    return Stream.of(ConditionType.READY, ConditionType.CERTIFICATE_READY)
        .map(instance::condition)
        .allMatch(condition -> condition.filter(c -> "True".equals(c.getStatus())).isPresent());
  }

  private static boolean isMounted(StatefulSet set) {
    return set.getSpec().getTemplate().getSpec().getVolumes().stream()
        .anyMatch(volume -> VOLUME.equals(volume.getName()));
  }

  private static <T extends HasMetadata> void waitUntil(
      String what, Class<T> kind, Predicate<T> isDone, List<String> names) {
    Awaitility.await(what)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(5))
        .until(
            () ->
                TestCluster.client().resources(kind).inAnyNamespace().list().getItems().stream()
                    .filter(isDone)
                    .map(object -> object.getMetadata())
                    .map(metadata -> metadata.getNamespace() + "/" + metadata.getName())
                    .toList()
                    .containsAll(names));
  }
}
