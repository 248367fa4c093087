package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Command;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Settings;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients for several languages log in with what the Secret publishes, and with nothing else. The
 * names and passwords contain characters that a URI must encode.
 */
@Tag("clients")
class ClientsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final String ODD_USER = "o'Brien:Ä+&=% ?#@/\\\"$";
  private static final String ODD_DATABASE = "Sales 50%:Ö+&=?#@/\\\"$'";
  private static final String ALLOWED_IN_PATH = "a-b.c_d~e!$&'()*+,;=:@";
  private static final String ODD_PASSWORD = " p@ss:w/ö%25 ?#&=+\"'\\$[]{}|^~;, ";

  private static Instance plain;
  private static Instance odd;
  private static Instance unencoded;

  @BeforeAll
  static void instances() {
    // Given
    given.object(
        new SecretBuilder()
            .withNewMetadata()
            .withName("own")
            .endMetadata()
            .withStringData(Map.of("password", ODD_PASSWORD))
            .build());
    odd =
        given
            .instance("odd")
            .database(ODD_DATABASE)
            .username(ODD_USER)
            .passwordSecret("own")
            .applied();
    unencoded =
        given
            .instance("unencoded")
            .database(ALLOWED_IN_PATH)
            .username(ODD_USER)
            .passwordSecret("own")
            .applied();
    plain = given.instance("plain").running();
    Eventually.instance(odd).isReady();
    Eventually.instance(unencoded).isReady();
  }

  static List<String> clients() {
    return List.of("lib-pq", "pgx", "psycopg", "asyncpg", "node-postgres", "postgres.js");
  }

  @ParameterizedTest
  @MethodSource("clients")
  void clientLogsInWithUri(String client) {
    // When, Then
    assertThat(login(client, plain)).isEqualTo("app|app");
  }

  @ParameterizedTest
  @MethodSource("clients")
  void clientLogsInWithUriOfOddUserAndPassword(String client) {
    // When, Then
    assertThat(login(client, unencoded)).isEqualTo(ODD_USER + "|" + ALLOWED_IN_PATH);
  }

  /** Not node-postgres and postgres.js, which decode the path of a URI in part or not at all. */
  @ParameterizedTest
  @ValueSource(strings = {"lib-pq", "pgx", "psycopg", "asyncpg"})
  void clientLogsInWithUriOfOddDatabase(String client) {
    // When, Then
    assertThat(login(client, odd)).isEqualTo(ODD_USER + "|" + ODD_DATABASE);
  }

  /** Not postgres.js, which reads no authority from a URI. */
  @ParameterizedTest
  @ValueSource(strings = {"lib-pq", "pgx", "psycopg", "asyncpg", "node-postgres"})
  void clientVerifiesServerWithTlsUriAndPublishedAuthority(String client, @TempDir Path folder)
      throws IOException {
    // Given
    Map<String, String> published = plain.credentials();
    Path trusted = Files.writeString(folder.resolve("ca.crt"), published.get("ca.crt"));
    String uri = published.get("external-tls-uri") + "&sslrootcert=" + trusted;

    // When, Then
    assertThat(Command.run(Settings.clients() + "/" + client, uri)).isEqualTo("app|app");

    // When: an authority that did not sign the certificate
    Files.writeString(trusted, odd.credentials().get("ca.crt"));

    // Then
    assertThatThrownBy(() -> Command.run(Settings.clients() + "/" + client, uri))
        .hasMessageContaining("certificate");
  }

  @ParameterizedTest
  @ValueSource(strings = {"uri", "external-uri"})
  void psqlLogsInWithUriOfOddNamesAndPassword(String key) {
    // Given
    String uri = odd.credentials().get(key);

    // When
    String answer =
        Cluster.exec(odd, "psql", uri, "-XtAc", "SELECT current_user, current_database()");

    // Then
    assertThat(answer).isEqualTo(ODD_USER + "|" + ODD_DATABASE);
  }

  @Test
  void jdbcLogsInWithJdbcUriOfOddNamesAndPassword() throws SQLException {
    // When
    try (Client client = Client.connect(odd.credentials().get("external-jdbc-uri"))) {

      // Then
      assertThat(client.read("SELECT current_user")).isEqualTo(ODD_USER);
      assertThat(client.read("SELECT current_database()")).isEqualTo(ODD_DATABASE);
    }
  }

  /** The output of a client that logs in from outside the cluster: user and database. */
  private static String login(String client, Instance instance) {
    return Command.run(
        Settings.clients() + "/" + client, instance.credentials().get("external-uri"));
  }
}
