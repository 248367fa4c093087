package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.tests.support.Given;
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
  private static final Page README = new Page(EXAMPLE.resolve("README.md"));

  @Test
  void commandsWorkUnchangedExceptForTheImageOfTheClient(@TempDir Path folder) {
    // Given
    given.examplesToApply(EXAMPLE);

    // When, Then
    assertThat(Shell.run(EXAMPLE, Map.of(), README.code("sh", "-f ledger.yaml").getFirst()))
        .contains("\"ledger.example.com\"", "\"serving\":true");

    // When: a cluster without a registry has only another image
    String client =
        README
            .code("sh", "-f client.yaml")
            .getFirst()
            .replaceFirst(
                "\n",
                "\nkubectl -n tls set image pod/client client=%s\n"
                    .formatted(Settings.otherPostgresImage()));

    // Then
    assertThat(Shell.run(EXAMPLE, Map.of(), client)).endsWith("TLSv1.3");

    // When
    String conninfo = README.code("sh", "external-tls-uri").getFirst().strip() + " -c '\\conninfo'";

    // Then
    assertThat(Shell.run(folder, Map.of(), conninfo)).contains("TLSv1.3");

    // When
    String olderTls =
        conninfo.replace("&sslrootcert", "&ssl_max_protocol_version=TLSv1.2&sslrootcert");

    // Then
    assertThatThrownBy(() -> Shell.run(folder, Map.of(), olderTls))
        .hasMessageContaining("alert protocol version");
  }
}
