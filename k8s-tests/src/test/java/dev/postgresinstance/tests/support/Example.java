package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A folder of YAML files, for `kubectl apply -f`. */
final class Example {

  private Example() {}

  /** All objects in it, in the order of the files' names. */
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

  private static List<HasMetadata> load(Path file) {
    try (InputStream yaml = Files.newInputStream(file)) {
      return TestCluster.client().load(yaml).items();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
