package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Clients from PostgreSQL 17 on can start with TLS at once, without asking for it. */
class DirectTlsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void clientStartsWithTlsThroughNodePort(@TempDir Path folder) throws IOException {
    // Given
    Map<String, String> published = given.instance("orders").running().credentials();
    Files.writeString(folder.resolve("ca.crt"), published.get("ca.crt"));

    // When, Then
    assertThat(
            Shell.run(
                folder,
                Map.of("URI", published.get("external-tls-uri"), "SQL", Client.IS_ENCRYPTED),
                """
                psql "$URI&sslrootcert=ca.crt&sslnegotiation=direct&channel_binding=require" \
                  -XtAc "$SQL"
                """))
        .isEqualTo("t");
  }
}
