package dev.postgresinstance.tests.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Crd;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The admission warnings of the chart for settings that are allowed but dangerous. */
class WarningsTest {

  private static final KubernetesClient CLIENT = TestCluster.client();
  private static List<HasMetadata> policy;

  @TempDir private Path folder;

  @BeforeAll
  static void policyOfTheChart() {
    Crd.apply(CLIENT);
    Helm.Result rendered =
        Helm.find()
            .run(
                "template",
                "warnings",
                Path.of("..", "helm", "postgres-instance-operator").toString(),
                "--show-only=templates/warnings.yaml");
    assertThat(rendered.exitCode()).as(rendered.output()).isZero();
    policy =
        CLIENT
            .load(new ByteArrayInputStream(rendered.stdout().getBytes(StandardCharsets.UTF_8)))
            .items();
    policy.forEach(object -> CLIENT.resource(object).forceConflicts().serverSideApply());
  }

  @AfterAll
  static void remove() {
    if (policy != null) {
      policy.forEach(object -> CLIENT.resource(object).delete());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fsync: 'off'", "fsync: ' OFF'", "full_page_writes: 'no'", "fsync: fal"})
  void unsafeParameterIsAllowedWithWarning(String parameter) {
    // A new policy takes effect after a moment.
    Eventually.that(
        "kubectl shows a warning",
        () ->
            assertThat(dryRun("{parameters: {%s}}".formatted(parameter)))
                .contains("Warning: ", "destroyed beyond repair", "created (server dry run)"));
  }

  @Test
  void safeSpecGetsNoWarning() {
    // Given
    unsafeParameterIsAllowedWithWarning("fsync: 'off'");

    // Then
    assertThat(dryRun("{}")).doesNotContain("Warning: ");
    assertThat(dryRun("{parameters: {fsync: 'on', synchronous_commit: 'off'}}"))
        .doesNotContain("Warning: ");
  }

  private String dryRun(String spec) {
    try {
      Path file = folder.resolve("instance.yaml");
      Files.writeString(
          file,
          """
          apiVersion: postgresinstance.dev/v1alpha1
          kind: PostgresInstance
          metadata: {name: warned}
          spec: %s
          """
              .formatted(spec));
      return Cluster.kubectl("apply", "--dry-run=server", "--filename=" + file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
