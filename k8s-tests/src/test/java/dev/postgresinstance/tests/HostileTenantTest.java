package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.LeakCheck;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tenant who tries to reach more than its own database, or the secrets of the operator. */
class HostileTenantTest {

  private static final String ROTATE = "rotate-password";

  /** SQLSTATE of a statement for which the role lacks a permission. */
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance lair;

  @BeforeAll
  static void instance() {
    // Given: a server that logs as much as possible
    lair =
        given
            .instance("lair")
            .parameter("log_statement", "all")
            .parameter("log_min_duration_statement", "0")
            .parameter("pg_stat_statements.track", "all")
            .running();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE ROLE accomplice",
        "CREATE DATABASE hideout",
        "ALTER ROLE app SUPERUSER",
        "ALTER ROLE app CREATEROLE",
        "ALTER ROLE postgres PASSWORD 'x'",
        "ALTER ROLE pgi_operator PASSWORD 'x'",
        "ALTER ROLE pgi_operator SET search_path = public",
        "DROP ROLE pgi_operator",
        "GRANT pgi_operator TO app",
        "GRANT pgi_superuser_access TO app",
        "SET ROLE pgi_operator",
        "SET SESSION AUTHORIZATION postgres",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_read_file('/etc/postgres-instance-roles/roles.sql')",
        "SELECT pg_ls_dir('/')",
        "SELECT pg_ls_waldir()",
        "SELECT rolpassword FROM pg_authid",
        "SELECT setting FROM pg_file_settings",
        "SELECT pg_show_all_file_settings()",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "CREATE TABLE loot (line text); COPY loot FROM '/etc/passwd'",
        "CREATE EVENT TRIGGER spy ON ddl_command_end EXECUTE FUNCTION spy()",
        "CREATE EXTENSION file_fdw",
        "CREATE FUNCTION c() RETURNS int LANGUAGE c AS '/tmp/x', 'x'",
        "SELECT pg_reload_conf()",
        "CHECKPOINT",
        "ALTER DATABASE postgres OWNER TO app"
      })
  void statementBeyondOwnDatabaseIsRejected(String attempt) throws SQLException {
    try (Client client = Client.connect(lair)) {
      assertLacksPermission(() -> client.execute(attempt));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pgi.open_superuser_access('x')",
        "pgi.close_superuser_access()",
        "pgi.end_superuser_sessions()",
        "pgi.end_plain_sessions()"
      })
  void functionOfOperatorIsRejectedEvenInItsDatabase(String call) throws SQLException {
    // Given
    assertLacksPermission(() -> Client.connect(lair, "postgres").close());
    Cluster.psql(lair, "GRANT CONNECT ON DATABASE postgres TO app");

    // When, Then
    try (Client client = Client.connect(lair, "postgres")) {
      assertLacksPermission(() -> client.execute("SELECT " + call));
    } finally {
      Cluster.psql(lair, "REVOKE CONNECT ON DATABASE postgres FROM app");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pg_cancel_backend", "pg_terminate_backend"})
  void sessionOfOperatorCannotBeEnded(String function) throws SQLException {
    // Given
    String address = lair.resource().getStatus().endpoints().address();
    String password = Instance.decoded(lair.operatorSecret()).get("password");
    try (Client operator = Client.connect(address, "postgres", "pgi_operator", password);
        Client tenant = Client.connect(lair)) {
      String process = operator.read("SELECT pg_backend_pid()");

      // When, Then
      assertLacksPermission(
          () -> tenant.execute("SELECT pg_catalog.%s(%s)".formatted(function, process)));
      assertThat(operator.read("SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void trapsInTenantDatabaseAreNeverExecuted() throws SQLException {
    // Given
    String old = lair.credentials().get("password");
    try (Client client = Client.connect(lair)) {
      client.execute("CREATE TABLE caught (who text, what text)");
      client.execute("GRANT ALL ON caught TO PUBLIC");
      for (String signature :
          List.of(
              "current_setting(text, boolean)",
              "set_config(text, text, boolean)",
              "lower(text)",
              "pg_reload_conf()",
              "version()")) {
        client.execute(trap(signature));
      }
      client.execute(trap("same(text, text)"));
      client.execute(
          "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.same)");
      client.execute("CREATE VIEW public.pg_roles AS SELECT 'app' AS rolname");
      client.execute("ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC");
      client.execute("ALTER ROLE app SET search_path = public, pg_catalog");
      client.execute("ALTER ROLE app SET default_transaction_read_only = on");
      client.execute("ALTER ROLE app SET statement_timeout = '1ms'");
      client.execute("ALTER DATABASE app SET search_path = public, pg_catalog");
      client.execute("ALTER DATABASE app SET role = 'app'");
    }

    // When
    Cluster.psql(lair, "ALTER ROLE app PASSWORD 'another'");
    lair.annotate("postgresinstance.dev/" + ROTATE, "once more");

    // Then
    Eventually.instance(lair).hasPasswordOtherThan(old).isReady().acceptsLogins();
    Cluster.psql(lair, "ALTER ROLE app RESET ALL; ALTER DATABASE app RESET ALL");
    try (Client client = Client.connect(lair)) {
      assertThat(client.read("SELECT pg_catalog.count(*) FROM public.caught")).isEqualTo("0");
    }
  }

  @Test
  void logsAndStatisticsContainNoPasswordOrVerifier() {
    // Given
    List<String> secrets = new ArrayList<>(List.of("SCRAM-SHA-256$4096"));
    secrets.add(lair.credentials().get("password"));

    // When
    rotate("for the log");
    secrets.add(lair.credentials().get("password"));

    // Then
    Cluster.psql(lair, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
    Eventually.that(
        "the log contains all statements",
        () -> assertThat(Cluster.log(lair)).contains("statement: CREATE EXTENSION"));
    assertThat(Cluster.log(lair)).doesNotContain(secrets);
    assertThat(Cluster.psql(lair, "SELECT query FROM pg_stat_statements"))
        .contains("CREATE EXTENSION")
        .doesNotContain(secrets);
    assertThat(Cluster.psql(lair, "SELECT query FROM pg_stat_activity")).doesNotContain(secrets);
    assertThat(
            Cluster.exec(lair, "bash", "-c", "cat /proc/[0-9]*/{cmdline,environ} | tr '\\0' ' '"))
        .contains("postgres -D")
        .doesNotContain(secrets);
  }

  @Test
  void leakCheckDetectsLeakedPassword() {
    // Given
    assertThat(LeakCheck.hits(lair)).isEmpty();

    // When
    Cluster.psql(lair, "SELECT 'planted " + lair.credentials().get("password") + "'");

    // Then: the leak check after every test would fail, too, without a new password
    Eventually.that(
        "the leak is in the log", () -> assertThat(LeakCheck.hits(lair)).containsExactly("log"));
    rotate("after the leak");
    assertThat(LeakCheck.hits(lair)).isEmpty();
  }

  @Test
  void locksOfTenantDelayOnlyItsOwnPassword() throws SQLException {
    // Given
    String old = lair.credentials().get("password");
    try (Client holder = Client.connect(lair)) {
      holder.execute("BEGIN");
      holder.execute("CREATE TABLE held (n int); LOCK TABLE held IN ACCESS EXCLUSIVE MODE");
      holder.execute("ALTER ROLE app PASSWORD 'mine'");
      holder.execute("ALTER ROLE app SET work_mem = '1MB'");

      // When
      lair.annotate("postgresinstance.dev/" + ROTATE, "while it is locked");
      lair.change(spec -> spec.parameter("log_lock_waits", "off"));

      // Then
      Eventually.that(
          "the parameter is in effect",
          () -> assertThat(Cluster.psql(lair, "SHOW log_lock_waits")).isEqualTo("off"));
      assertThat(lair.credentials()).containsEntry("password", old);
      holder.execute("ROLLBACK");
    }
    Eventually.instance(lair).hasPasswordOtherThan(old).isReady().acceptsLogins();
  }

  /** Fails if the statement succeeds, or if it fails for another reason. */
  private static void assertLacksPermission(ThrowingCallable attempt) {
    assertThatThrownBy(attempt)
        .isInstanceOfSatisfying(
            SQLException.class,
            rejected ->
                assertThat(rejected.getSQLState())
                    .as(rejected.getMessage())
                    .isEqualTo(INSUFFICIENT_PRIVILEGE));
  }

  private static void rotate(String text) {
    String old = lair.credentials().get("password");
    lair.annotate("postgresinstance.dev/" + ROTATE, text);
    Eventually.instance(lair).hasPasswordOtherThan(old).isReady();
  }

  private static String trap(String signature) {
    return "CREATE FUNCTION public.%s RETURNS %s LANGUAGE sql AS $$ INSERT INTO public.caught VALUES (current_user, '%s') RETURNING %s $$"
        .formatted(
            signature,
            signature.startsWith("same") || signature.startsWith("pg_reload") ? "boolean" : "text",
            signature,
            signature.startsWith("same") || signature.startsWith("pg_reload") ? "true" : "''");
  }
}
