package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.configuration.Configuration;
import dev.postgresinstance.operator.feature.tls.TlsSnapshots;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The start script and the server with a certificate of the operator, on plain docker. */
class StartWithCertificateTest {

  /** What such a server says of ssl = on, in a file or not, see check_ssl in variable.c. */
  private static final String WITHOUT_OPENSSL =
      """
      #!/bin/bash
      if [[ $1 == --version ]]; then echo 'postgres (PostgreSQL) %s'; exit; fi
      echo 'LOG:  SSL is not supported by this build' >&2
      echo 'FATAL:  configuration file "a.conf" contains errors' >&2
      exit 1
      """
          .formatted(Docker.MAJOR);

  private static Workbench workbench;

  private final Snapshot issued = TlsSnapshots.reconciled(TestPod.snapshot(), Instant.now());
  private final Snapshot other = TlsSnapshots.reconciled(TestPod.snapshot(), Instant.now());
  private final String configuration = Configuration.of(issued, Map.of()).text();
  private TestVolume volume;
  private TestPod pod;

  @BeforeAll
  static void open() {
    workbench = new Workbench();
  }

  @AfterAll
  static void closeWorkbench() {
    workbench.close();
  }

  @BeforeEach
  void pod() {
    volume = new TestVolume(workbench, workbench.newName());
    pod = volume.pod().configuration(configuration, configuration);
  }

  @AfterEach
  void close() {
    volume.close();
  }

  @Test
  void serverPresentsCertificateThatClientsVerify() {
    // When
    TestServer server =
        pod.certificate(text(issued, "tls.crt"), text(issued, "tls.key")).start().awaitReady();

    // Then
    assertThat(verifiedQuery(server)).isEqualTo("t");
  }

  @Test
  void serverStartsWithoutTlsIfKeyDoesNotBelongToCertificate() {
    // Given
    pod.certificate(text(issued, "tls.crt"), text(other, "tls.key"));
    assertThat(pod.start().awaitEnd()).isNotZero();

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertThat(server.log())
        .contains("PostgreSQL rejects the certificate")
        .contains("key values mismatch", "Starting without TLS.");
    assertThat(server.superuserQuery("SHOW ssl")).isEqualTo("off");
    assertThat(server.superuserQuery("SHOW postgres_instance.started"))
        .as("the configuration is not at fault")
        .startsWith("a.conf")
        .endsWith(" -");

    // When
    server.stop();
    TestServer corrected =
        pod.certificate(text(issued, "tls.crt"), text(issued, "tls.key")).start().awaitReady();

    // Then
    assertThat(verifiedQuery(corrected)).isEqualTo("t");
  }

  @Test
  void brokenConfigurationIsNotTakenForBrokenCertificate() {
    // Given
    String broken = Configuration.of(issued, Map.of("shared_preload_libraries", "none")).text();
    pod.configuration(broken, configuration)
        .certificate(text(issued, "tls.crt"), text(issued, "tls.key"));
    assertThat(pod.start().awaitEnd()).isNotZero();

    // When
    TestServer server = pod.start().awaitReady();

    // Then
    assertThat(server.superuserQuery("SHOW postgres_instance.started")).startsWith("b.conf");
    assertThat(verifiedQuery(server)).isEqualTo("t");
  }

  @Test
  void imageWhosePostgresIsBuiltWithoutOpensslIsNamedAsTheCause() {
    // Given: data of another image
    pod.certificate(text(issued, "tls.crt"), text(issued, "tls.key"));
    pod.start().awaitReady().stop();

    // When
    pod.postgres(WITHOUT_OPENSSL);
    assertThat(pod.start().awaitEnd()).isNotZero();
    TestServer second = pod.start();

    // Then
    assertThat(second.awaitEnd()).isNotZero();
    assertThat(second.terminationMessage())
        .startsWith("ImageDoesNotFit: PostgreSQL in the image is built without OpenSSL")
        .contains("spec.image");
  }

  private String verifiedQuery(TestServer server) {
    server.exec("cat > /tmp/ca.crt <<'E'\n" + text(issued, "ca.crt") + "E");
    return server.exec(
        "psql 'postgresql://app:first%20secret@localhost/app?sslmode=verify-full&sslrootcert=/tmp/ca.crt'"
            + " -XtAc 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'");
  }

  private static String text(Snapshot snapshot, String key) {
    return SecretData.text(snapshot.get(ObjectKey.TLS_SECRET), key).orElseThrow();
  }
}
