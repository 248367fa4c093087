package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.DeletableBackup;
import dev.postgresinstance.api.v1alpha1.DeletionPolicy;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Backup;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.S3Bucket;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The policy of a PostgresBackup decides whether the backup in the store goes with it. Each test
 * continues the story of one instance.
 */
@Order(1)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BackupDeletionTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static S3Bucket bucket;
  private static Instance orders;
  private static String first;

  @BeforeAll
  static void archivingInstance() {
    bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
    orders = given.instance("orders").backup(bucket, "s3").running();
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    first = folder(Backup.lastOf(orders));
  }

  @Test
  @Order(1)
  void lastBackupStaysAndTheStatusSaysSo() {
    // Given
    Backup only = Backup.lastOf(orders);

    // When
    only.setDeletionPolicy(DeletionPolicy.DELETE);
    Eventually.that(
        "the status records the backup",
        () -> assertThat(deleteWithResource()).containsExactly(first));
    only.delete();

    // Then
    Eventually.that(
        "the status says what stays",
        () -> assertThat(orders.ready().orElseThrow().getMessage()).contains("stays", first));
    assertThat(bucket.backups(orders)).contains(first);
  }

  @Test
  @Order(2)
  @CoversReasons(events = EventReason.BACKUP_DELETION_STARTED)
  void backupIsDeletedFromTheStoreWithItsResourceIfThePolicySaysSo() throws SQLException {
    // Given
    Client.connect(orders).execute("CREATE TABLE t AS SELECT 1 AS n");
    Backup unwanted = Backup.completeToDelete(orders, "orders-unwanted");
    Backup retained = Backup.complete(orders, "orders-retained");
    String folder = folder(unwanted);
    Eventually.that(
        "the status records the backup",
        () -> assertThat(deleteWithResource()).containsExactly(folder));
    List<String> kept = List.of(first, folder(retained));
    String lsn = unwanted.resource().getStatus().stopLsn();

    // When
    retained.delete();
    unwanted.delete();

    // Then
    Eventually.that(
        "the status records no backup", () -> assertThat(deleteWithResource()).isEmpty());
    assertThat(bucket.backups(orders)).containsExactlyInAnyOrderElementsOf(kept);
    assertThat(bucket.keys("")).noneMatch(key -> key.contains("/" + folder + "/"));
    assertThat(orders.events())
        .anySatisfy(
            event -> {
              assertThat(event.getReason()).isEqualTo("BackupDeletionStarted");
              assertThat(event.getMessage()).contains(folder);
            });
    Instance restored =
        given
            .instance("restored")
            .source("archive", bucket.archive(orders, "s3"))
            .source("target", Map.of("lsn", lsn))
            .running();
    assertThat(Client.read(restored, "SELECT n FROM t")).isEqualTo("1");
  }

  private static String folder(Backup backup) {
    return backup.resource().getStatus().archiveName();
  }

  private static List<String> deleteWithResource() {
    return Stream.ofNullable(orders.resource().getStatus().backup().deleteWithResource())
        .flatMap(List::stream)
        .map(DeletableBackup::archiveName)
        .toList();
  }
}
