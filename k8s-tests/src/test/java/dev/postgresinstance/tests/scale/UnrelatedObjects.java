package dev.postgresinstance.tests.scale;

import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Secrets and ConfigMaps of other owners, half of each, 1 to 100 KB in size. */
final class UnrelatedObjects {

  private static final String NAMESPACE = "scale-strangers";
  private static final int THREADS = 4;
  private static final int SMALLEST = 1_000;
  private static final int LARGEST = 100_000;

  private UnrelatedObjects() {}

  /** Creates the given number of objects. */
  static void create(int number) {
    Random random = new Random(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (int i = 0; i < number; i++) {
        HasMetadata object = i % 2 == 0 ? secret(i, random) : configMap(i, random);
        threads.execute(() -> TestCluster.client().resource(object).create());
      }
    }
  }

  private static HasMetadata secret(int i, Random random) {
    return new SecretBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName("secret-" + i)
        .endMetadata()
        .addToStringData("key", text(random))
        .build();
  }

  private static HasMetadata configMap(int i, Random random) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName("map-" + i)
        .endMetadata()
        .addToData("key", text(random))
        .build();
  }

  private static String text(Random random) {
    return "x".repeat(random.nextInt(SMALLEST, LARGEST));
  }
}
