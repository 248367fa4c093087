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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Other processes in the container end no session. Each test leaves the server unchanged. */
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
  void orphanThatExitsLikeCrashedBackendEndsNoSession() throws SQLException {
    // Given: an orphan whose parent ends first, and which records the process that adopted it
    String orphan =
        "parent=$BASHPID; (while [ -e /proc/$parent ]; do sleep 0.05; done;"
            + " sed -n 's/^PPid:\\t//p' /proc/$BASHPID/status >/tmp/adopter; exit 2)"
            + " </dev/null >/dev/null 2>&1 &";

    // When
    Cluster.exec(orders, "bash", "-c", orphan);
    Eventually.that(
        "the orphan has ended",
        () -> assertThat(Cluster.exec(orders, "cat", "/tmp/adopter")).isNotEmpty());

    // Then
    assertSessionContinues();
    String adopter = Cluster.exec(orders, "cat", "/tmp/adopter");
    assertThat(Cluster.exec(orders, "cat", "/proc/%s/comm".formatted(adopter)))
        .as("the process that adopted the orphan")
        .isNotEqualTo("postgres");
  }

  @Test
  @Tag("long")
  void timedOutProbeEndsNoSession() throws SQLException {
    // Given: a probe that hangs; a process that has just ended cannot be stopped
    String probe =
        Cluster.exec(
            orders,
            "bash",
            "-c",
            "while [ $SECONDS -lt 45 ]; do for process in /proc/[0-9]*; do"
                + " if { read -r name <$process/comm; } 2>/dev/null && [ \"$name\" = pg_isready ]"
                + " && kill -STOP ${process#/proc/} && sleep 0.1"
                + " && grep -q '^State:.T' $process/status; then echo $process; exit 0; fi;"
                + " done 2>/dev/null; done; exit 9");

    // When
    Eventually.that(
        "the kubelet has killed the probe after its timeout",
        () ->
            assertThat(Cluster.exec(orders, "bash", "-c", "[ -e " + probe + " ] || echo gone"))
                .isEqualTo("gone"));

    // Then
    assertSessionContinues();
    Eventually.instance(orders).isReady();
  }

  @Test
  void interruptedExecEndsNoSession() throws SQLException {
    // When
    Cluster.execAndDisconnect(
        orders,
        "psql -U postgres -XtAc \"SELECT query FROM pg_stat_activity\" | grep -q '^SELECT pg_sleep'",
        "psql",
        "-U",
        "postgres",
        "-c",
        "SELECT pg_sleep(3600)");

    // Then
    assertSessionContinues();
  }

  private void assertSessionContinues() throws SQLException {
    assertThat(session.read("SELECT content FROM basket")).isEqualTo("apples");
    assertThat(Cluster.containerRestarts(orders)).isZero();
    assertThat(Cluster.log(orders)).doesNotContain("terminating any other active server processes");
  }
}
