package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Secret and the status of one instance. */
class CredentialsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance shop;

  @BeforeAll
  static void instance() {
    // Given
    shop = given.instance("shop").database("stock").username("clerk").running();
  }

  @Test
  void applicationRoleIsUnprivilegedAndOwnsItsDatabase() throws SQLException {
    // When
    try (Client client = Client.connect(shop)) {

      // Then
      assertThat(
              client.read(
                  "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'stock'"))
          .isEqualTo("clerk");
      assertThat(
              client.read(
                  "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"
                      + " FROM pg_roles WHERE rolname = current_user"))
          .isEqualTo("f");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"postgres", "template1"})
  void applicationRoleCannotConnectToOtherDatabases(String database) {
    // When, Then
    assertThatThrownBy(() -> Client.connect(shop, database))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("permission denied for database");
  }

  @Test
  void wrongPasswordIsRejected() {
    // Given
    String address = shop.resource().getStatus().endpoints().address();

    // When, Then
    assertThatThrownBy(() -> Client.connect(address, "stock", "clerk", "not the password"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("password authentication failed");
  }

  @Test
  void secretContainsAllConnectionKeys() {
    // When
    Map<String, String> secret = shop.credentials();

    // Then
    assertThat(shop.appSecret().getType()).isEqualTo("servicebinding.io/postgresql");
    assertThat(shop.resource().getStatus().binding().name()).isEqualTo("shop-app");
    assertThat(secret)
        .containsOnlyKeys(
            "type",
            "provider",
            "host",
            "port",
            "database",
            "username",
            "password",
            "uri",
            "jdbc-uri",
            "user",
            "dbname",
            "pgpass",
            "external-host",
            "external-port",
            "external-uri",
            "external-jdbc-uri",
            "jdbc-url",
            "tls-uri",
            "external-jdbc-url",
            "external-tls-uri",
            "sslmode",
            "sslrootcert",
            "ca.crt",
            "certificates")
        .containsEntry("type", "postgresql")
        .containsEntry("host", "shop." + given.namespace() + ".svc")
        .containsEntry("port", "5432")
        .containsEntry("database", "stock")
        .containsEntry("dbname", "stock")
        .containsEntry("username", "clerk")
        .containsEntry("user", "clerk")
        .containsEntry("external-port", Integer.toString(shop.nodePort()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"uri", "external-uri"})
  void psqlLogsInWithEachUri(String key) {
    // Given
    String uri = shop.credentials().get(key);

    // When
    String answer = Cluster.exec(shop, "psql", uri, "-XtAc", "SELECT current_user");

    // Then
    assertThat(answer).isEqualTo("clerk");
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "external-host"})
  void psqlLogsInWithPasswordFile(String host) {
    // Given
    Map<String, String> secret = shop.credentials();
    String port = secret.get(host.equals("host") ? "port" : "external-port");
    String script =
        "umask 077; printf %s \"$1\" >/tmp/pgpass; PGPASSFILE=/tmp/pgpass"
            + " psql -w -h \"$2\" -p \"$3\" -U clerk -d stock -XtAc 'SELECT current_user'";

    // When
    String answer =
        Cluster.exec(
            shop, "bash", "-c", script, "bash", secret.get("pgpass"), secret.get(host), port);

    // Then
    assertThat(answer).isEqualTo("clerk");
  }

  @Test
  void jdbcDriverLogsInWithJdbcUri() throws SQLException {
    // Given
    Map<String, String> secret = shop.credentials();

    // When
    try (Client client = Client.connect(secret.get("external-jdbc-uri"))) {

      // Then
      assertThat(client.read("SELECT current_user")).isEqualTo("clerk");
      // The URI for clients inside the cluster works only there. Only its address may differ.
      assertThat(secret.get("jdbc-uri"))
          .isEqualTo(
              secret
                  .get("external-jdbc-uri")
                  .replace(
                      secret.get("external-host") + ":" + secret.get("external-port"),
                      secret.get("host") + ":" + secret.get("port")));
    }
  }

  @Test
  void kubectlGetShowsStatusColumns() {
    // When
    List<String[]> table =
        Cluster.kubectl("get", "pgi", "shop", "--namespace=" + given.namespace())
            .lines()
            .map(line -> line.split(" +", -1))
            .toList();

    // Then
    assertThat(table.getFirst())
        .containsExactly("NAME", "READY", "STATUS", "VERSION", "SIZE", "ENDPOINT", "AGE");
    assertThat(table.getLast())
        .startsWith(
            "shop",
            "True",
            "Running",
            shop.resource().getStatus().version(),
            "1Gi",
            shop.credentials().get("external-host") + ":" + shop.nodePort());
  }

  @Test
  void kubectlExecGivesAdministratorsSuperuserAccess() {
    // When
    String answer = Cluster.psql(shop, "SELECT rolsuper FROM pg_roles WHERE rolname = 'postgres'");

    // Then
    assertThat(answer).isEqualTo("t");
  }
}
