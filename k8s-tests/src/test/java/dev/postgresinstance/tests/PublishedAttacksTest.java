package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Attacks by which tenants of another operator became superuser, according to its advisories. */
class PublishedAttacksTest {

  /** User and database in a line of the log that {@code log_connections} causes. */
  private static final Pattern SESSION =
      Pattern.compile("connection authorized: user=(\\S+) database=(\\S+)");

  /** The process of a session over the network, in an earlier line about the same session. */
  private static final Pattern FROM_NETWORK =
      Pattern.compile("\\[(\\d+)] .*LOG:  connection received: host=(?!\\[local])");

  /** The process of a superuser session that executes a statement. */
  private static final Pattern SUPERUSER_STATEMENT =
      Pattern.compile("\\[(\\d+)] postgres@\\S+ LOG:  (?:statement|execute [^:]+): ");

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance den;

  @BeforeAll
  static void instance() {
    // Given: a server that logs each session and statement, and keeps statistics with their texts
    den =
        given
            .instance("den")
            .parameter("log_connections", "on")
            .parameter("log_statement", "all")
            .parameter("pg_stat_statements.track", "all")
            .parameter("pg_stat_statements.track_utility", "on")
            .running();
  }

  /**
   * CVE-2026-55769: a superuser session executed operators that a tenant had created in {@code
   * public}, because a search path set by the tenant put them before those of {@code pg_catalog}.
   */
  @Test
  void plantedOperatorsAreNotExecuted() throws SQLException {
    // Given
    try (Client tenant = Client.connect(den)) {
      tenant.execute("CREATE TABLE caught (who text)");
      tenant.execute("GRANT ALL ON caught TO PUBLIC");
      for (String types :
          List.of("text, text", "name, text", "name, name", "bigint, integer", "oid, oid")) {
        for (String operator : List.of("=", "<>", ">", "<")) {
          plant(tenant, operator, types.split(", "));
        }
      }
      tenant.execute("ALTER DATABASE app SET search_path = public, pg_catalog");
      tenant.execute("ALTER ROLE app SET search_path = public, pg_catalog");
      // The trap works: it records each session that compares values in this database.
      try (Client another = Client.connect(den)) {
        another.read("SELECT count(*) > 0 FROM pg_catalog.pg_extension WHERE extname = 'x'::text");
        assertThat(another.read("SELECT pg_catalog.count(*) FROM public.caught")).isNotEqualTo("0");
        another.execute("TRUNCATE public.caught");
      }
    }

    // When
    makeOperatorRunAllStatements();

    // Then
    assertThat(Cluster.psql(den, "SELECT rolname FROM pg_roles WHERE rolsuper"))
        .isEqualTo("postgres");
    try (Client tenant = Client.connect(den)) {
      assertThat(tenant.read("SELECT pg_catalog.count(*) FROM public.caught")).isEqualTo("0");
    }
    Cluster.psql(den, "ALTER ROLE app RESET ALL; ALTER DATABASE app RESET ALL");
  }

  /**
   * CVE-2026-44477: a superuser session that had lowered its privileges with {@code SET ROLE}
   * regained them with {@code RESET ROLE} in code of a tenant that it evaluated.
   */
  @Test
  void operatorSessionsUseOnlyItsRole() {
    // Given: other tests have logged in to other databases
    int before = Cluster.log(den).length();

    // When
    makeOperatorRunAllStatements();

    // Then
    String log = Cluster.log(den).substring(before);
    assertThat(
            SESSION
                .matcher(log)
                .results()
                .map(session -> session.group(1) + " in " + session.group(2))
                .distinct())
        .containsExactlyInAnyOrder(
            "app in app",
            "pgi_operator in postgres",
            "postgres in postgres"); // by kubectl exec, and the login that proves its password
    List<String> fromNetwork = processes(FROM_NETWORK, log);
    assertThat(fromNetwork).isNotEmpty();
    assertThat(processes(SUPERUSER_STATEMENT, log))
        .as("superuser sessions with statements, which are those by kubectl exec")
        .isNotEmpty()
        .doesNotContainAnyElementsOf(fromNetwork);
    assertThat(
            Cluster.psql(
                den,
                "SELECT rolname FROM pg_roles WHERE pg_has_role('pgi_operator', oid, 'MEMBER')"
                    + " AND rolname IN ('app', 'postgres', 'pg_execute_server_program',"
                    + " 'pg_read_server_files', 'pg_write_server_files', 'pg_read_all_data')"))
        .isEqualTo("app"); // to set its password; without its privileges
  }

  /**
   * CVE-2026-55765: a tenant with permission to read statistics found passwords in clear text in
   * the recorded statements.
   */
  @Test
  void statisticsReaderFindsNoPasswords() throws SQLException {
    // Given
    Cluster.psql(den, "GRANT pg_monitor, pg_read_all_stats TO app");
    Cluster.psql(den, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
    Cluster.psql(den, "GRANT CONNECT ON DATABASE postgres TO app");
    List<String> secrets = new ArrayList<>(List.of("SCRAM-SHA-256$"));
    secrets.add(den.credentials().get("password"));

    // When
    makeOperatorRunAllStatements();

    // Then
    secrets.add(den.credentials().get("password"));
    secrets.add(Instance.decoded(den.superuserSecret()).get("password"));
    try (Client tenant = Client.connect(den, "postgres")) {
      String statements =
          tenant.read("SELECT string_agg(query, E'\\n') FROM public.pg_stat_statements");
      assertThat(statements).as("the statements are recorded").contains("CREATE EXTENSION");
      assertThat(statements).doesNotContain(secrets);
      assertThat(tenant.read("SELECT string_agg(query, E'\\n') FROM pg_stat_activity"))
          .doesNotContain(secrets);
    }
    assertThat(Cluster.log(den)).doesNotContain(secrets);
  }

  /**
   * New passwords for all roles, the repair of one of them, a new configuration, and superuser
   * access off and on.
   */
  private static void makeOperatorRunAllStatements() {
    String old = den.credentials().get("password");
    den.annotate("postgresinstance.dev/rotate-password", old.substring(0, 8));
    Eventually.instance(den).hasPasswordOtherThan(old);
    Cluster.psql(den, "ALTER ROLE app PASSWORD 'another'");
    Eventually.instance(den).acceptsLogins();
    den.change(spec -> spec.parameter("log_min_duration_statement", "0").superuserAccess(false));
    Eventually.instance(den).isReady();
    den.change(spec -> spec.superuserAccess(true));
    Eventually.instance(den).isReady().acceptsLogins();
  }

  private static List<String> processes(Pattern pattern, String log) {
    return pattern.matcher(log).results().map(line -> line.group(1)).distinct().toList();
  }

  private static void plant(Client tenant, String operator, String... types) throws SQLException {
    String function = "public.spring_" + types[0] + "_" + types[1];
    tenant.execute(
        ("CREATE OR REPLACE FUNCTION %s(%s, %s) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN"
                + " INSERT INTO public.caught VALUES (session_user);"
                + " BEGIN ALTER ROLE app SUPERUSER; EXCEPTION WHEN OTHERS THEN END;"
                + " RETURN true; END $$")
            .formatted(function, types[0], types[1]));
    tenant.execute(
        "CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = %s)"
            .formatted(operator, types[0], types[1], function));
  }
}
