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
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Attacks by which tenants of another operator became superuser, according to its advisories. */
class PublishedAttacksTest {

  /** User and database in a line of the log that {@code log_connections} causes. */
  private static final Pattern SESSION =
      Pattern.compile("connection authorized: user=(\\S+) database=(\\S+)");

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance den;

  @BeforeAll
  static void instance() {
    // Given: a server that logs each session and keeps statistics of each statement with its text
    den =
        given
            .instance("den")
            .parameter("log_connections", "on")
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
  }

  /**
   * CVE-2026-44477: a superuser session that had lowered its privileges with {@code SET ROLE}
   * regained them with {@code RESET ROLE} in code of a tenant that it evaluated.
   */
  @Test
  void operatorSessionsUseOnlyItsRole() {
    // When
    makeOperatorRunAllStatements();

    // Then
    List<String> sessions =
        SESSION
            .matcher(Cluster.log(den))
            .results()
            .map(session -> session.group(1) + " in " + session.group(2))
            .distinct()
            .filter(session -> !session.equals("postgres in postgres")) // by kubectl exec
            .toList();
    assertThat(sessions).containsExactlyInAnyOrder("app in app", "pgi_operator in postgres");
    assertThat(
            SESSION
                .matcher(
                    String.join(
                        "\n",
                        Cluster.log(den).lines().filter(line -> line.contains("host=")).toList()))
                .results()
                .map(MatchResult::group)
                .filter(session -> session.contains("user=postgres")))
        .isEmpty();
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
    Eventually.that(
        "a new password is published",
        () -> assertThat(den.credentials().get("password")).isNotEqualTo(old));
    Cluster.psql(den, "ALTER ROLE app PASSWORD 'another'");
    Eventually.instance(den).acceptsLogins();
    den.change(spec -> spec.parameter("log_min_duration_statement", "0").superuserAccess(false));
    Eventually.instance(den).isReady();
    den.change(spec -> spec.superuserAccess(true));
    Eventually.instance(den).isReady().acceptsLogins();
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
