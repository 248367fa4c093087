package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What tests do with a bucket reaches the pods that use it, and no other bucket. */
class S3BucketTest {

  private S3Bucket bucket;
  private S3Bucket other;
  private Pod pod;

  @BeforeEach
  void create() {
    String name = "s3buckettest-" + UUID.randomUUID().toString().substring(0, 8);
    bucket = S3Bucket.create(name + "-0");
    other = S3Bucket.create(name + "-1");
    pod = TestCluster.client().resource(pod(name)).create();
    Eventually.that(
        name + " runs",
        () -> assertThat(Cluster.current(pod).getStatus().getPhase()).isEqualTo("Running"));
  }

  @AfterEach
  void delete() {
    Cluster.delete(pod);
    bucket.close();
    other.close();
  }

  @Test
  void podsReachBucketUntilItsConnectionsAreCut() throws IOException {
    // When, Then
    assertThat(greet(bucket)).contains("Verify return code: 0 (ok)");

    // When
    Process connection = connect(bucket);
    bucket.refuseConnections();

    // Then
    assertThatThrownBy(() -> greet(bucket)).hasMessageContaining("Connection refused");
    assertThat(send(connection)).contains("Connection reset by peer");
    assertThat(greet(other)).contains("Verify return code: 0 (ok)");

    // When
    bucket.dropPackets();

    // Then
    assertThatThrownBy(() -> greet(bucket)).hasMessageContaining("exit code 124");

    // When
    bucket.restoreConnections();

    // Then
    assertThat(greet(bucket)).contains("Verify return code: 0 (ok)");
  }

  @Test
  void objectsAreChangedAsByAnotherProgram() {
    // Given
    bucket.write("wal/1", "content".getBytes(StandardCharsets.UTF_8));
    bucket.write("wal/2", "content".getBytes(StandardCharsets.UTF_8));

    // When
    bucket.corrupt("wal/1");
    bucket.delete("wal/2");

    // Then
    assertThat(bucket.keys("wal/")).containsExactly("wal/1");
    assertThat(bucket.read("wal/1"))
        .hasSize("content".length())
        .isNotEqualTo("content".getBytes(StandardCharsets.UTF_8));
    assertThat(other.keys("")).isEmpty();
  }

  /** Opens a connection in the pod, and waits until it is open. */
  private Process connect(S3Bucket target) throws IOException {
    String script =
        "exec 3<> /dev/tcp/%s/%d; echo connected; read -r; echo >&3; cat <&3"
            .formatted(host(target), S3Server.PORT);
    Process process =
        new ProcessBuilder(
                Settings.kubectl(),
                "--context=" + Settings.context(),
                "--namespace=" + S3Server.NAME,
                "exec",
                "--stdin",
                pod.getMetadata().getName(),
                "--",
                "bash",
                "-c",
                script)
            .redirectErrorStream(true)
            .start();
    assertThat(process.inputReader().readLine()).isEqualTo("connected");
    return process;
  }

  /** Sends a line over an open connection, and returns the output until it is closed. */
  private static String send(Process connection) throws IOException {
    try (Writer input = connection.outputWriter()) {
      input.write("\n");
    }
    return connection.inputReader().lines().collect(Collectors.joining("\n"));
  }

  private static String host(S3Bucket target) {
    return target.url().replaceAll("https://|:\\d+", "");
  }

  /** Connects to the URL of a bucket in the pod, as a client that verifies the server. */
  private String greet(S3Bucket target) {
    String script =
        "timeout 3 openssl s_client -connect %1$s:%2$d -verify_hostname %1$s -CAfile <(echo '%3$s') < /dev/null"
            .formatted(host(target), S3Server.PORT, target.credentials().get("ca.crt"));
    return Cluster.kubectl(
        "exec",
        "--namespace=" + S3Server.NAME,
        pod.getMetadata().getName(),
        "--",
        "bash",
        "-c",
        script);
  }

  private static Pod pod(String name) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(S3Server.NAME)
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .withTerminationGracePeriodSeconds(0L)
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(999L)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .addNewContainer()
        .withName("client")
        .withImage(Settings.otherPostgresImage())
        .withCommand("sleep", "600")
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withNewCapabilities()
        .addToDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .endContainer()
        .endSpec()
        .build();
  }
}
