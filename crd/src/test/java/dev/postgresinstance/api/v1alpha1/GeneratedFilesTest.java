package dev.postgresinstance.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The generated files in the repository match the classes. With {@code -Dregenerate} the test
 * rewrites them first.
 */
class GeneratedFilesTest {

  private static final String HEADER =
      "# Generated from the classes in crd/. Do not edit; regenerate it with `mvn -pl"
          + " crd test -Dregenerate`.\n";

  @Test
  void chartContainsCurrentCrds() throws IOException {
    for (CustomResourceDefinition crd : GeneratedCrd.all()) {
      Path file =
          Path.of(
              "../helm/postgres-instance-operator/files", crd.getMetadata().getName() + "-v1.yml");
      assertCurrent(file, HEADER + GeneratedCrd.yaml(crd));
    }
  }

  @Test
  void apiPageIsCurrent() throws IOException {
    assertCurrent(Path.of("../docs/api.md"), ApiDocs.page());
  }

  private static void assertCurrent(Path file, String content) throws IOException {
    if (System.getProperty("regenerate") != null) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
    }
    assertThat(file)
        .as("%s is generated: mvn -pl crd test -Dregenerate", file.normalize())
        .hasContent(content);
  }
}
