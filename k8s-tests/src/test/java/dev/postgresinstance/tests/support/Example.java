package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads an example: a folder of YAML files for `kubectl apply -f`. */
final class Example {

  private Example() {}

  /** All objects of the example, in the order of the file names. */
  static List<HasMetadata> read(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted()
          .flatMap(file -> load(file).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All objects of the example, with the given StorageClass set in its instances. */
  static List<HasMetadata> read(Path folder, String storageClass) {
    return read(folder).stream()
        .map(
            object ->
                object.getKind().equals("PostgresInstance")
                    ? withStorageClass(object, storageClass)
                    : object)
        .toList();
  }

  /**
   * Copies the instances of the example to a folder, with the given namespace and free node ports.
   */
  static Path copyInstances(Path folder, Path to, String namespace) {
    try (Stream<Path> files = Files.list(folder)) {
      Files.createDirectories(to);
      for (Path file : files.filter(file -> file.toString().endsWith(".yaml")).toList()) {
        String text = Files.readString(file);
        if (text.contains("kind: PostgresInstance")) {
          String copy =
              text.replaceAll("namespace: .*", "namespace: " + namespace)
                  .replaceAll("nodePort: [0-9]+", "nodePort: " + Cluster.freeNodePort());
          Files.writeString(to.resolve(file.getFileName()), copy);
        }
      }
      return to;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HasMetadata withStorageClass(HasMetadata object, String storageClass) {
    GenericKubernetesResource instance =
        TestCluster.client()
            .getKubernetesSerialization()
            .convertValue(object, GenericKubernetesResource.class);
    if (instance.<Object>get("spec", "storage") instanceof Map<?, ?> storage) {
      Map<String, Object> withClass = new LinkedHashMap<>(Map.of("storageClassName", storageClass));
      storage.forEach((field, value) -> withClass.put((String) field, value));
      instance.setAdditionalProperty("spec", Map.of("storage", withClass));
    }
    return instance;
  }

  private static List<HasMetadata> load(Path file) {
    try (InputStream yaml = Files.newInputStream(file)) {
      return TestCluster.client().load(yaml).items();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
