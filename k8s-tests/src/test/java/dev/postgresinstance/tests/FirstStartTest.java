package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An interrupted first start: whatever remains on the volume, the next start succeeds. */
@Order(1)
class FirstStartTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          control-file-written  | [ -s /pgdata/17.new/global/pg_control ]
          roles-being-created   | grep -qsa -e [-]-single /proc/[0-9]*/cmdline
          """)
  void killedFirstStartRecovers(String moment, String condition) throws SQLException {
    assertRecovers(moment, condition);
  }

  @Tag("long")
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          at-the-beginning      | true
          directory-begun       | [ -d /pgdata/17.new ]
          directory-in-place    | [ -d /pgdata/17 ]
          """)
  void firstStartKilledAtAnotherMomentRecovers(String moment, String condition)
      throws SQLException {
    assertRecovers(moment, condition);
  }

  private static void assertRecovers(String moment, String condition) throws SQLException {
    // Given
    Instance instance = given.instance(moment).applied();

    // When
    Cluster.killContainerWhen(instance, condition);

    // Then
    Eventually.instance(instance).isReady();
    assertThat(Cluster.containerRestarts(instance)).isPositive();
    assertDatabaseIsComplete(instance);
  }

  @Test
  @Tag("long")
  void nextPodRecoversAfterForcedDeletion() throws SQLException {
    // Given
    Instance instance = given.instance("pod-force-deleted").applied();
    Cluster.waitForContainer(instance);
    Pod before = Cluster.current(instance.pod());

    // When
    Cluster.forceDeletePod(instance);

    // Then
    Eventually.instance(instance).isReadyWithNewPod(before);
    assertDatabaseIsComplete(instance);
  }

  private static void assertDatabaseIsComplete(Instance instance) throws SQLException {
    try (Client client = Client.connect(instance)) {
      client.execute("CREATE TABLE works AS SELECT 'yes' AS answer");
      assertThat(client.read("SELECT answer FROM works")).isEqualTo("yes");
    }
    assertThat(Cluster.filesOnVolume(instance))
        .contains("/pgdata/17/PG_VERSION")
        .noneMatch(file -> file.startsWith("/pgdata/17.new"));
  }
}
