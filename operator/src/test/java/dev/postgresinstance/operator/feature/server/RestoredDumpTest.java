package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.access.roles.SetRolesScript;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A dump of another instance has replaced passwords and attributes of the roles. */
@Execution(ExecutionMode.CONCURRENT)
class RestoredDumpTest {

  private static final String MARK = "-- container that locks the operator out\n";
  private static final String LOCKED = "password authentication failed";

  private Workbench workbench;
  private TestVolume volume;
  private TestPod pod;
  private TestServer server;

  @BeforeEach
  void restoreDumpOfAnotherInstance() {
    // Given
    Docker.makeSureOfImage();
    workbench = new Workbench();
    volume = workbench.emptyVolume();
    pod = volume.pod();
    pod.script(SetRolesScript.KEY, SetRolesScript.TEXT);
    server = pod.start().awaitReady();
    server.superuserQuery(
        ("ALTER ROLE app NOSUPERUSER INHERIT LOGIN PASSWORD '%1$s';"
                + "ALTER ROLE pgi_operator SUPERUSER NOINHERIT NOCREATEROLE NOLOGIN REPLICATION"
                + " CONNECTION LIMIT 0 PASSWORD '%1$s';"
                + "REVOKE pg_monitor FROM pgi_operator;"
                + "ALTER ROLE pgi_operator SET search_path = public;"
                + "ALTER DATABASE template1 RENAME TO template2;"
                + "GRANT pgi_superuser_access TO postgres;")
            .formatted(TestPod.verifier("of the other instance")));
    assertThat(loginOfApplication()).contains(LOCKED);
    assertThat(server.query("pgi_operator", "of the operator", "postgres", "SELECT 1"))
        .isNotEqualTo("1");
  }

  @AfterEach
  void close() {
    volume.close();
    workbench.close();
  }

  @Test
  void nextStartRestoresRolesOfThisInstance() {
    // When: the operator has marked the statements, because they are to run again
    server.stop();
    pod.roles(MARK + TestPod.rolesWith(TestPod.APP_PASSWORD));
    server = pod.start().awaitReady();

    // Then
    assertRolesAreRestored();
  }

  @Test
  void scriptRestoresRolesWithoutEndingSession() {
    // Given
    server.superuserQuery("ALTER ROLE postgres SET log_statement = 'all'");
    String start = server.superuserQuery("SELECT pg_postmaster_start_time()");

    // When
    String output =
        server.exec(
            "PGI_MAJOR=%s PGPORT=6000 bash /etc/postgres-instance/%s"
                .formatted(Docker.MAJOR, SetRolesScript.KEY));

    // Then
    assertThat(output).isEqualTo("The roles are set. The operator logs in within seconds.");
    assertRolesAreRestored();
    assertThat(server.superuserQuery("SELECT pg_postmaster_start_time()")).isEqualTo(start);
    assertThat(server.log()).doesNotContain("SCRAM-SHA-256$");
  }

  private void assertRolesAreRestored() {
    assertThat(loginOfApplication()).isEqualTo("1");
    assertThat(
            server.query(
                "pgi_operator",
                "of the operator",
                "postgres",
                "SELECT current_setting('search_path'), count(*) FROM pg_stat_activity"
                    + " WHERE backend_type = 'checkpointer'"))
        .isEqualTo("pg_catalog, pg_temp|1");
    assertThat(
            server.superuserQuery(
                "SELECT rolsuper, rolinherit, rolcreaterole, rolreplication, rolconnlimit"
                    + " FROM pg_roles WHERE rolname = 'pgi_operator'"))
        .isEqualTo("f|t|t|f|-1");
    assertThat(
            server.superuserQuery(
                "SELECT count(*) FROM pg_auth_members"
                    + " WHERE roleid = 'pgi_superuser_access'::regrole"))
        .isEqualTo("0");
  }

  private String loginOfApplication() {
    return server.query("app", TestPod.APP_PASSWORD, "app", "SELECT 1");
  }
}
