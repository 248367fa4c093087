package dev.postgresinstance.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubectlCommandTest {

  private static final String MANIFEST =
      """
      apiVersion: v1
      immutable: true
      kind: Secret
      metadata:
        creationTimestamp: "2026-01-01T00:00:00Z"
        name: orders-app
        ownerReferences:
        - kind: PostgresInstance
          uid: of-the-owner
        resourceVersion: "7"
        uid: of-the-secret
      """;

  private final PostgresInstance instance = Snapshots.of("{}").instance();

  @Test
  void annotatesInstanceInItsNamespace() {
    assertThat(KubectlCommand.annotate(instance, Labels.ADOPT, "73"))
        .isEqualTo("kubectl annotate -n shop pgi orders postgresinstance.dev/adopt=73 --overwrite");
  }

  @Test
  void annotatesInstanceWithDateAsOneArgument() throws IOException, InterruptedException {
    // When
    String command = KubectlCommand.annotateWithDate(instance, Labels.RESTART);

    // Then: the output of date contains spaces
    assertThat(command)
        .isEqualTo(
            "kubectl annotate -n shop pgi orders postgresinstance.dev/restart=\"$(date)\""
                + " --overwrite");
    assertThat(PastedCommand.arguments(command))
        .hasSize(7)
        .endsWith("--overwrite")
        .element(5)
        .asString()
        .matches("postgresinstance\\.dev/restart=\\S+ .+");
  }

  @Test
  void removesAnnotationInNamespaceOfInstance() {
    assertThat(KubectlCommand.removeAnnotation(instance, Labels.ADOPT))
        .isEqualTo("kubectl annotate -n shop pgi orders postgresinstance.dev/adopt-");
  }

  @Test
  void describesObjectInNamespaceOfInstance() {
    assertThat(KubectlCommand.describe(instance, "pod", "orders-0"))
        .isEqualTo("kubectl describe -n shop pod orders-0");
  }

  @Test
  void replacesImmutableSecretByCopyWhileInstanceIsPaused(@TempDir Path folder)
      throws IOException, InterruptedException {
    // Given: a kubectl that records its arguments and what it reads
    Path calls = folder.resolve("calls");
    Path manifest = Files.writeString(folder.resolve("manifest"), MANIFEST);
    String kubectl =
        """
        kubectl() {
          echo "$@" >> %s
          case $1 in get) cat %s;; apply) cat >> %s;; esac
        }
        """
            .formatted(calls, manifest, calls);
    Secret secret =
        new SecretBuilder().withNewMetadata().withName("orders-app").endMetadata().build();

    // When
    String command = KubectlCommand.replaceImmutable(instance, secret);
    Process shell =
        new ProcessBuilder("sh", "-c", kubectl + command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile())
            .start();

    // Then
    assertThat(shell.waitFor()).isZero();
    assertThat(Files.readAllLines(calls))
        .containsExactly(
            "patch -n shop pgi orders --type=merge -p {\"spec\":{\"paused\":true}}",
            "get -n shop secret orders-app -o yaml",
            "delete -n shop secret orders-app",
            "apply -n shop --server-side --field-manager=postgres-instance-operator -f -",
            "apiVersion: v1",
            "kind: Secret",
            "metadata:",
            "  name: orders-app",
            "  ownerReferences:",
            "  - kind: PostgresInstance",
            "    uid: of-the-owner",
            "patch -n shop pgi orders --type=merge -p {\"spec\":{\"paused\":false}}");
  }

  @ParameterizedTest
  @CsvSource({"get, 'patch get'", "delete, 'patch get delete'", "apply, 'patch get delete apply'"})
  void stopsAtFirstFailedStepAndLeavesInstancePaused(
      String failing, String expected, @TempDir Path folder)
      throws IOException, InterruptedException {
    // Given
    Path calls = folder.resolve("calls");
    String kubectl =
        "kubectl() { echo $1 >> %s; cat < /dev/null; [ $1 != %s ]; }\n".formatted(calls, failing);
    Secret secret =
        new SecretBuilder().withNewMetadata().withName("orders-app").endMetadata().build();

    // When
    Process shell =
        new ProcessBuilder("sh", "-c", kubectl + KubectlCommand.replaceImmutable(instance, secret))
            .start();

    // Then
    assertThat(shell.waitFor()).isNotZero();
    assertThat(String.join(" ", Files.readAllLines(calls))).isEqualTo(expected);
  }

  @Test
  void leavesPausedInstancePaused() {
    // Given
    PostgresInstance paused = Snapshots.of("paused: true").instance();
    Secret secret =
        new SecretBuilder().withNewMetadata().withName("orders-app").endMetadata().build();

    // Then
    assertThat(KubectlCommand.replaceImmutable(paused, secret)).doesNotContain("patch");
  }

  @Test
  void deletesImmutableConfigMapWhichIsCreatedAgainAndRestartsServer() {
    assertThat(
            KubectlCommand.replaceImmutable(
                instance,
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName("orders-config")
                    .endMetadata()
                    .build()))
        .isEqualTo(
            "kubectl delete -n shop configmap orders-config && "
                + KubectlCommand.annotateWithDate(instance, Labels.RESTART));
  }

  @Test
  void deletesImmutableSecretOfCertificateWhichServerReadsWhenItStarts() {
    assertThat(
            KubectlCommand.replaceImmutable(
                instance,
                new SecretBuilder().withNewMetadata().withName("orders-tls").endMetadata().build()))
        .isEqualTo(
            "kubectl delete -n shop secret orders-tls && "
                + KubectlCommand.annotateWithDate(instance, Labels.RESTART));
  }
}
