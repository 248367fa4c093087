package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Page;
import dev.postgresinstance.tests.support.Settings;
import dev.postgresinstance.tests.support.Shell;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TlsExampleTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final Path EXAMPLE = Path.of("../examples/tls");

  @Test
  void exampleWorksUnchangedExceptForTheImageOfItsClient(@TempDir Path folder) {
    // When
    Instance ledger = given.example(EXAMPLE);
    Cluster.kubectl( // a cluster without a registry has no other image
        "set",
        "image",
        "pod/client",
        "client=" + Settings.otherPostgresImage(),
        "--namespace=" + ledger.namespace());

    // Then
    Eventually.instance(ledger)
        .hasCondition(ConditionType.CERTIFICATE_READY, Reason.CERTIFICATE_SERVED);
    assertThat(ledger.resource().getStatus().tls().names()).contains("ledger.example.com");
    Eventually.that(
        "the client prints the version of TLS",
        () ->
            assertThat(Cluster.kubectl("logs", "client", "--namespace=" + ledger.namespace()))
                .endsWith("TLSv1.3"));
    String outside =
        new Page(EXAMPLE.resolve("README.md")).code("sh", "external-tls-uri").getFirst();
    String conninfo = outside.strip() + " -c '\\conninfo'";
    assertThat(Shell.run(folder, Map.of(), conninfo)).contains("TLSv1.3");
    String olderTls = "&ssl_max_protocol_version=TLSv1.2&sslrootcert";
    assertThatThrownBy(
            () -> Shell.run(folder, Map.of(), conninfo.replace("&sslrootcert", olderTls)))
        .hasMessageContaining("alert protocol version");
  }
}
