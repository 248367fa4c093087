package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What others do in the container ends no session. Each test leaves the server as it was. */
class SessionTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance orders;

  private Client session;

  @BeforeAll
  static void instance() {
    // Given
    orders = given.instance("orders").running();
  }

  @BeforeEach
  void open() throws SQLException {
    session = Client.connect(orders);
    session.execute("CREATE TEMPORARY TABLE basket AS SELECT 'apples' AS content");
  }

  @AfterEach
  void close() throws SQLException {
    session.close();
  }

  @Test
  void anOrphanThatEndsLikeACrashedBackendEndsNoSession() throws SQLException {
    // Given: its parent ends before it, and it tells who has inherited it
    String orphan =
        "parent=$BASHPID; (while [ -e /proc/$parent ]; do sleep 0.05; done;"
            + " sed -n 's/^PPid:\\t//p' /proc/$BASHPID/status >/tmp/heir; exit 2)"
            + " </dev/null >/dev/null 2>&1 &";

    // When
    Cluster.exec(orders, "bash", "-c", orphan);
    Eventually.that(
        "the orphan has ended",
        () -> assertThat(Cluster.exec(orders, "cat", "/tmp/heir")).isNotEmpty());

    // Then
    assertSessionGoesOn();
    String heir = Cluster.exec(orders, "cat", "/tmp/heir");
    assertThat(Cluster.exec(orders, "cat", "/proc/%s/comm".formatted(heir)))
        .as("who inherited it")
        .isNotEqualTo("postgres");
  }

  @Test
  void aProbeThatTimesOutEndsNoSession() throws SQLException {
    // Given: a probe that stands still
    Cluster.exec(
        orders,
        "bash",
        "-c",
        "while [ $SECONDS -lt 45 ]; do for process in /proc/[0-9]*; do"
            + " if { read -r name <$process/comm; } 2>/dev/null && [ \"$name\" = pg_isready ]"
            + " && kill -STOP ${process#/proc/}; then exit 0; fi; done; done; exit 9");

    // When
    Eventually.that(
        "it was given up and killed",
        () ->
            assertThat(Cluster.events(given.namespace()))
                .containsPattern("(Readiness|Startup) probe .*(timed out|[Dd]eadline)"));

    // Then
    assertSessionGoesOn();
    Eventually.instance(orders).isReady();
  }

  @Test
  void anExecThatIsCutOffEndsNoSession() throws SQLException {
    // When
    Cluster.execCutOff(
        orders,
        "psql -U postgres -XtAc \"SELECT query FROM pg_stat_activity\" | grep -q '^SELECT pg_sleep'",
        "psql",
        "-U",
        "postgres",
        "-c",
        "SELECT pg_sleep(3600)");

    // Then
    assertSessionGoesOn();
  }

  private void assertSessionGoesOn() throws SQLException {
    assertThat(session.read("SELECT content FROM basket")).isEqualTo("apples");
    assertThat(Cluster.containerRestarts(orders)).isZero();
    assertThat(Cluster.log(orders)).doesNotContain("terminating any other active server processes");
  }
}
