package dev.postgresinstance.tests.gitops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.GitOpsHealth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/** The health that GitOps tools derive from recorded objects; needs no cluster. */
class RecordedStatesTest {

  private static final Path STATES = Path.of("src/test/resources/gitops");
  private static final String EXPECTED = "/gitops/expected.csv";

  @ParameterizedTest
  @CsvFileSource(resources = EXPECTED, numLinesToSkip = 1)
  void eachRecordedStateHasTheExpectedHealth(
      String state, String kstatus, String argocd, String flux) throws IOException {
    // When
    var health = GitOpsHealth.of(Files.readString(STATES.resolve(state + ".json")));

    // Then
    assertThat(health).isEqualTo(new GitOpsHealth(kstatus, argocd, flux));
  }

  @Test
  void eachRecordedStateHasAnExpectation() throws IOException {
    var expected = Files.readString(STATES.resolve("expected.csv"));

    try (var files = Files.list(STATES)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(file -> file.endsWith(".json"))
          .allSatisfy(file -> assertThat(expected).contains("\n" + file.replace(".json", ",")));
    }
  }
}
