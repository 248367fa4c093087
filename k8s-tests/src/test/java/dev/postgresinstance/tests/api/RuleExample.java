package dev.postgresinstance.tests.api;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * An example of a spec that a rule accepts or refuses: a file whose first line names the rule. The
 * last document is the one to test; an optional first document is the state before the update.
 */
record RuleExample(Path file, String rule, List<GenericKubernetesResource> documents) {

  private static final Path FOLDER = Path.of("src/test/resources/examples");
  private static final String HEADER = "# Rule: ";
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  static Stream<RuleExample> valid() {
    return in("valid");
  }

  static Stream<RuleExample> invalid() {
    return in("invalid");
  }

  GenericKubernetesResource tested() {
    return documents.getLast();
  }

  boolean isChange() {
    return documents.size() == 2;
  }

  GenericKubernetesResource before() {
    return documents.getFirst();
  }

  private static Stream<RuleExample> in(String folder) {
    try (Stream<Path> files = Files.list(FOLDER.resolve(folder))) {
      return files.sorted().map(RuleExample::read).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RuleExample read(Path file) {
    try {
      String text = Files.readString(file);
      String firstLine = text.lines().findFirst().orElse("");
      if (!firstLine.startsWith(HEADER)) {
        throw new IllegalStateException(file + " does not begin with '" + HEADER + "'");
      }
      List<GenericKubernetesResource> documents =
          Stream.of(text.split("\n---\n", -1))
              .map(document -> YAML.unmarshal(document, GenericKubernetesResource.class))
              .toList();
      return new RuleExample(file, firstLine.substring(HEADER.length()), documents);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return file.getFileName().toString();
  }
}
