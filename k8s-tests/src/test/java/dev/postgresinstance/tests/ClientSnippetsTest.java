package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Page;
import dev.postgresinstance.tests.support.Settings;
import dev.postgresinstance.tests.support.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The programs in docs/getting-started.md log in, and verify the server. */
@Tag("clients")
class ClientSnippetsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final Page PAGE = new Page(Path.of("../docs/getting-started.md"));
  private static final String AUTHORITY = "/etc/orders/ca.crt";
  private static final Path GO = Path.of("clients/go");

  private static Instance orders;
  private static Instance other;

  @TempDir private Path folder;

  @BeforeAll
  static void instances() {
    // Given
    orders = given.instance("orders").running();
    other = given.instance("other").running();
  }

  @ParameterizedTest
  @CsvSource({
    "sh,     shop.sh,   . ./shop.sh,                         external-tls-uri",
    "python, shop.py,   $CLIENTS/python/bin/python3 shop.py, external-tls-uri",
    "go,     main.go,   CGO_ENABLED=0 go run .,              external-tls-uri",
    "js,     shop.mjs,  node shop.mjs,                       external-uri",
    "java,   Shop.java, $JAVA Shop.java,                     external-jdbc-url"
  })
  void programVerifiesServerInFull(String language, String file, String command, String key)
      throws IOException {
    // Given: the program as it is on the page, apart from the path of the authority
    String program = PAGE.code(language, AUTHORITY).getFirst();
    Path authority = folder.resolve("ca.crt");
    Files.writeString(folder.resolve(file), program.replace(AUTHORITY, authority.toString()));
    provideLibraries();

    // When, Then
    Files.writeString(authority, orders.credentials().get("ca.crt"));
    assertThat(run(command, key)).isEqualTo("app");

    // When: an authority that did not sign the certificate
    Files.writeString(authority, other.credentials().get("ca.crt"));

    // Then
    assertThatThrownBy(() -> run(command, key))
        .hasMessageFindingMatch("certificate|PKIX path building failed");
  }

  /** What Spring Boot passes to the driver. */
  @Test
  void urlForSpringVerifiesServerInFull() throws Exception {
    // Given
    Path authority =
        Files.writeString(folder.resolve("ca.crt"), orders.credentials().get("ca.crt"));
    String url =
        PAGE.code("properties", AUTHORITY)
            .getFirst()
            .strip()
            .replace("spring.datasource.url=", "")
            .replace("${DATABASE_JDBC_URL}", orders.credentials().get("external-jdbc-url"))
            .replace(AUTHORITY, authority.toString());

    // When, Then
    try (Client client = Client.connect(url)) {
      assertThat(client.read(Client.IS_ENCRYPTED)).isEqualTo("t");
    }

    // When
    Files.writeString(authority, other.credentials().get("ca.crt"));

    // Then
    assertThatThrownBy(() -> Client.connect(url))
        .hasStackTraceContaining("PKIX path building failed");
  }

  /** The clients of the other tests, in the versions that these pin. */
  private void provideLibraries() throws IOException {
    for (String file : List.of("go.mod", "go.sum")) {
      Files.copy(GO.resolve(file), folder.resolve(file));
    }
    Files.createSymbolicLink(
        folder.resolve("node_modules"), Path.of(Settings.clients(), "node", "node_modules"));
  }

  private String run(String command, String key) {
    String url = orders.credentials().get(key);
    return Shell.run(
        folder,
        Map.of(
            "DATABASE_URL",
            url,
            "DATABASE_JDBC_URL",
            url,
            "CLIENTS",
            Settings.clients(),
            "JAVA",
            System.getProperty("java.home") + "/bin/java",
            "CLASSPATH",
            System.getProperty("java.class.path")),
        command);
  }
}
