package dev.postgresinstance.tests.support;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A copy of an example that Kustomize builds, as it is part of kubectl.
 *
 * @param folder contains kustomization.yaml
 */
public record Kustomization(Path folder) {

  /** Copies an example, with another namespace. */
  public static Kustomization copyOf(Path example, String namespace) {
    Path copy = Path.of("target", "kustomizations", namespace);
    try (Stream<Path> files = Files.list(example)) {
      Files.createDirectories(copy);
      for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
        String text = Files.readString(file);
        Files.writeString(
            copy.resolve(file.getFileName()),
            text.replaceAll("(?m)^namespace: .*$", "namespace: " + namespace));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Kustomization(copy);
  }

  /** Writes a file that the kustomization reads. */
  public void write(String file, String text) {
    try {
      Files.writeString(folder.resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What `kubectl kustomize` prints; needs no cluster. */
  public String build() {
    return Command.run(Settings.kubectl(), "kustomize", folder.toString());
  }

  /** Applies what Kustomize builds, and returns these objects. */
  public List<HasMetadata> apply() {
    String output = Cluster.kubectl("apply", "--kustomize=" + folder);
    assertThat(output).isNotEmpty();
    try (var yaml = new ByteArrayInputStream(build().getBytes(UTF_8))) {
      return TestCluster.client().load(yaml).items();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
