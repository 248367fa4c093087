package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresBackupStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Backup;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.S3Bucket;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * An instance is created from a backup, in exactly the state that was asked for, or not at all. The
 * last test loses the instance whose backups all of them restore.
 */
@Order(1)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RestoredInstanceTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final String NOW =
      "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";

  private static S3Bucket bucket;
  private static Instance orders;
  private static Backup firstBackup;
  private static Backup backup;
  private static String beforeSecondRow;

  @BeforeAll
  static void instanceWithHistory() throws SQLException {
    bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
    orders =
        given
            .instance("orders")
            .backup(bucket, "s3")
            .backup("incremental", Map.of("perFull", 6))
            .deletionPolicy("Delete")
            .running();
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    firstBackup = Backup.lastOf(orders);
    try (Client client = Client.connect(orders)) {
      client.execute(
          "CREATE TABLE ledger (n int PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())");
      client.execute("CREATE SEQUENCE tickets");
      client.read("SELECT nextval('tickets')");
      backup = Backup.complete(orders, "orders-base");
      client.execute("INSERT INTO ledger VALUES (1)");
      for (int i = 0; i < 4; i++) {
        fillSegments(6);
        bucket.hasReached(orders, client.read("SELECT pg_current_wal_flush_lsn()"));
      }
      beforeSecondRow = client.read(NOW);
      client.execute("INSERT INTO ledger VALUES (2)");
      client.execute("DROP TABLE ledger");
      client.execute("CREATE TABLE after AS SELECT clock_timestamp() AS at");
      bucket.hasReached(orders, client.read("SELECT pg_current_wal_flush_lsn()"));
    }
  }

  /** Each takes a part of a second to be replayed. */
  private static void fillSegments(int count) {
    Cluster.psql(
        orders,
        "SELECT pg_logical_emit_message(false, 'fill', ''), pg_switch_wal() FROM generate_series(1, %d)"
            .formatted(count));
  }

  /** The restores of this class that begin with it combine both. */
  @Test
  @Order(1)
  void secondBackupHasOnlyWhatHasChangedSinceTheFirst() {
    // Given, When
    PostgresBackupStatus first = firstBackup.resource().getStatus();
    PostgresBackupStatus second = backup.resource().getStatus();

    // Then
    assertThat(first.parent()).isNull();
    assertThat(second.parent()).isEqualTo(firstBackup.name());
    assertThat(second.size().getNumericalAmount()).isLessThan(first.size().getNumericalAmount());
  }

  @Test
  @Order(2)
  @CoversReasons(
      value = {Reason.RESTORING, Reason.REPLAYING},
      events = EventReason.RESTORED)
  void stateOfAMomentIsRestoredByNameOfTheBackup() throws SQLException {
    // Given, When
    Instance restored =
        given
            .instance("by-backup")
            .source("backup", Map.of("name", backup.name()))
            .source("target", Map.of("time", beforeSecondRow))
            .applied();

    // Then
    Eventually.instance(restored).isNotReady(Reason.RESTORING);
    assertThat(Eventually.instance(restored).isNotReady(Reason.REPLAYING))
        .containsPattern("replayed up to [0-9A-F]+/[0-9A-F]+, \\d+Mi of \\d+Mi");
    Eventually.instance(restored).isReady();
    try (Client client = Client.connect(restored)) {
      assertThat(client.read("SELECT string_agg(n::text, ',' ORDER BY n) FROM ledger"))
          .isEqualTo("1");
      assertThat(client.read("SELECT nextval('tickets')")).isEqualTo("2");
      client.execute("INSERT INTO ledger VALUES (3)");
      assertThat(client.read("SELECT pg_is_in_recovery()")).isEqualTo("f");
    }
    assertThat(restored.resource().getStatus().systemIdentifier())
        .isEqualTo(orders.resource().getStatus().systemIdentifier());
    assertThat(Client.read(orders, "SELECT count(*) FROM after")).isEqualTo("1");
  }

  @Test
  @Order(3)
  @CoversReasons(Reason.RESTORE_FAILED)
  void momentBeforeTheArchiveIsRefusedAndNothingIsWritten() {
    // Given, When
    Instance tooEarly =
        given
            .instance("too-early")
            .source("archive", bucket.archive(orders, "s3"))
            .source("target", Map.of("time", "2020-01-01T00:00:00Z"))
            .applied();

    // Then
    assertThat(Eventually.instance(tooEarly).isNotReady(Reason.RESTORE_FAILED)).contains("2020");
    assertThat(tooEarly.statefulSet().getSpec().getReplicas()).isZero();
  }

  @Test
  @Order(4)
  void latestStateIsRestoredAfterTheInstanceAndItsVolumeAreGone() throws SQLException {
    // Given
    Client.connect(orders).execute("CREATE TABLE last AS SELECT 'committed' AS state");
    Map<String, Object> archive = bucket.archive(orders, "s3");
    bucket.hasReached(orders, Client.read(orders, "SELECT pg_current_wal_flush_lsn()"));
    orders.delete();
    Eventually.that("the volume is gone", () -> assertThat(orders.claim()).isNull());

    // When
    Instance again = given.instance("found").source("archive", archive).running();

    // Then
    assertThat(Client.read(again, "SELECT state FROM last")).isEqualTo("committed");
  }
}
