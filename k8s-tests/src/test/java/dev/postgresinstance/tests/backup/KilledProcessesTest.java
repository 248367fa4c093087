package dev.postgresinstance.tests.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Ledger;
import dev.postgresinstance.tests.support.Node;
import dev.postgresinstance.tests.support.S3Bucket;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is killed without its volume loses nothing: the server and the backup pod go on where they
 * were. Isolated, because the node is stopped with everything on it.
 */
@Isolated
@Tag("long")
class KilledProcessesTest {

  private static final int ROWS = 2_000;

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static S3Bucket bucket;

  @BeforeAll
  static void bucketWithCredentials() {
    bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
  }

  @ParameterizedTest
  @CsvSource({"receiver,pg_receivewal", "shipper,java", "postmaster,postgres"})
  void archiveHasEveryAcknowledgedCommit(String process, String program) throws Exception {
    // Given
    Instance orders = archiving("orders-" + process);
    try (Ledger ledger = Ledger.begin(orders, 4)) {
      ledger.hasWritten(ROWS);
      boolean isServer = process.equals("postmaster");

      // When
      kill(orders, isServer ? orders.podName() : orders.name() + "-backup-0", program);
      if (!isServer) {
        ledger.hasWritten(ROWS);
      }
      ledger.end();

      // Then
      assertArchiveIsComplete(orders, ledger, process);
    }
  }

  @Test
  void nodeThatIsStoppedLosesNothing() throws Exception {
    // Given
    Instance orders = archiving("orders");
    try (Ledger ledger = Ledger.begin(orders, 4)) {
      ledger.hasWritten(ROWS);

      // When
      Node.killAndStart();
      ledger.end();

      // Then
      assertArchiveIsComplete(orders, ledger, "node");
    }
  }

  private static void assertArchiveIsComplete(Instance orders, Ledger ledger, String killed)
      throws Exception {
    Eventually.that("the server answers", () -> Client.connect(orders).close());
    assertThat(ledger.acknowledged()).isGreaterThanOrEqualTo(ROWS);
    assertThat(ledger.loss(orders).commits()).as("in the server itself").isZero();
    bucket.hasReached(orders, Client.read(orders, "SELECT pg_current_wal_flush_lsn()"));
    Instance restored =
        given.instance("after-" + killed).source("archive", bucket.archive(orders, "s3")).running();
    assertThat(ledger.loss(restored).commits()).as("in the archive").isZero();
  }

  private static Instance archiving(String name) {
    Instance instance =
        given
            .instance(name)
            .backup(bucket, "s3")
            .backup("wal", Map.of("uploadInterval", "1s"))
            .running();
    Eventually.instance(instance).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    return instance;
  }

  /** Kills the oldest process of a program in a pod: of PostgreSQL, the postmaster. */
  private static void kill(Instance instance, String pod, String program) {
    Node.run(
        """
        for pid in $(grep -lE '%s' /proc/[0-9]*/cgroup 2>/dev/null | cut -d/ -f3 | sort -n); do
          if [ "$(cat /proc/$pid/comm)" = %s ]; then kill -9 "$pid"; exit; fi
        done
        exit 1
        """
            .formatted(Node.controlGroup(Node.uid(instance.namespace(), pod)), program));
  }
}
