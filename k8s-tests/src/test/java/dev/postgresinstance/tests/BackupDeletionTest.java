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
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The policy of a PostgresBackup decides whether the backup in the store goes with it. */
@Order(1)
class BackupDeletionTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static S3Bucket bucket;

  @BeforeAll
  static void bucketWithCredentials() {
    bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
  }

  @Test
  @CoversReasons(events = EventReason.BACKUP_DELETION_STARTED)
  void backupIsDeletedFromTheStoreWithItsResourceIfThePolicySaysSo() throws SQLException {
    // Given
    Instance orders = archiving("orders");
    Backup first = Backup.lastOf(orders);
    Client.connect(orders).execute("CREATE TABLE t AS SELECT 1 AS n");
    Backup unwanted = Backup.completeToDelete(orders, "orders-unwanted");
    Backup retained = Backup.complete(orders, "orders-retained");
    String folder = folder(unwanted);
    Eventually.that(
        "the status records the backup",
        () -> assertThat(deleteWithResource(orders)).containsExactly(folder));
    List<String> kept = List.of(folder(first), folder(retained));
    String lsn = unwanted.resource().getStatus().stopLsn();

    // When
    retained.delete();
    unwanted.delete();

    // Then
    Eventually.that(
        "the status records no backup", () -> assertThat(deleteWithResource(orders)).isEmpty());
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
            .instance("orders-restored")
            .source("backup", Map.of("name", first.name()))
            .source("target", Map.of("lsn", lsn))
            .running();
    assertThat(Client.read(restored, "SELECT n FROM t")).isEqualTo("1");
  }

  @Test
  @Tag("long")
  void lastBackupStaysAndTheStatusSaysSo() {
    // Given
    Instance shop = archiving("shop");
    Backup first = Backup.lastOf(shop);
    String folder = folder(first);

    // When
    first.setDeletionPolicy(DeletionPolicy.DELETE);
    Eventually.that(
        "the status records the backup",
        () -> assertThat(deleteWithResource(shop)).containsExactly(folder));
    first.delete();

    // Then
    Eventually.that(
        "the status says what stays",
        () -> assertThat(shop.ready().orElseThrow().getMessage()).contains("stays", folder));
    assertThat(bucket.backups(shop)).contains(folder);
  }

  private static Instance archiving(String name) {
    Instance instance = given.instance(name).backup(bucket, "s3").running();
    Eventually.instance(instance).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    return instance;
  }

  private static String folder(Backup backup) {
    return backup.resource().getStatus().archiveName();
  }

  private static List<String> deleteWithResource(Instance instance) {
    return Stream.ofNullable(instance.resource().getStatus().backup().deleteWithResource())
        .flatMap(List::stream)
        .map(DeletableBackup::archiveName)
        .toList();
  }
}
