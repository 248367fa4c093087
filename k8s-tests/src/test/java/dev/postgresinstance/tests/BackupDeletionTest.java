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
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The policy of a PostgresBackup decides whether the backup in the store goes with it. */
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
    Backup retained = Backup.complete(orders, "orders-retained");
    Client.connect(orders).execute("CREATE TABLE t AS SELECT 1 AS n");
    Backup unwanted = Backup.completeToDelete(orders, "orders-unwanted");
    Backup last = Backup.complete(orders, "orders-last");
    String folder = folder(unwanted);
    Eventually.that(
        "the status records the backup",
        () -> assertThat(deleteWithResource(orders)).containsExactly(folder));
    List<String> kept = List.of(folder(first), folder(retained), folder(last));
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

  @Test
  void deletionThatTheStoreRefusesIsReportedAndRepeatedWithTheNextOne() {
    // Given
    Secret secret = bucket.createSecret(given.namespace(), "changing");
    Instance crm = archiving("crm", bucket, "changing");
    Backup unwanted = Backup.completeToDelete(crm, "crm-unwanted");
    Backup another = Backup.completeToDelete(crm, "crm-another");
    List<String> folders = List.of(folder(unwanted), folder(another));
    Backup.complete(crm, "crm-last");
    Eventually.that(
        "the status records the backups",
        () -> assertThat(deleteWithResource(crm)).containsExactlyElementsOf(folders));
    change(secret, Map.of("secretAccessKey", "wrong"));

    // When
    unwanted.delete();

    // Then
    Eventually.that(
        "the status says that the backup is still there",
        () ->
            assertThat(crm.ready().orElseThrow().getMessage())
                .contains("Still in the store", folders.getFirst(), bucket.name()));
    assertThat(bucket.backups(crm)).containsAll(folders);

    // When
    change(secret, bucket.credentials());
    another.delete();

    // Then
    Eventually.that(
        "the status records no backup", () -> assertThat(deleteWithResource(crm)).isEmpty());
    assertThat(bucket.backups(crm)).doesNotContainAnyElementsOf(folders);
  }

  @Test
  void backupInALockedBucketIsHidden() {
    // Given
    S3Bucket locked = given.lockedBucketOnS3();
    Instance hr = archiving("hr", locked, "s3");
    Backup unwanted = Backup.completeToDelete(hr, "hr-unwanted");
    String folder = folder(unwanted);
    Backup.complete(hr, "hr-last");
    Eventually.that(
        "the status records the backup",
        () -> assertThat(deleteWithResource(hr)).containsExactly(folder));

    // When
    unwanted.delete();

    // Then
    Eventually.that(
        "the status records no backup", () -> assertThat(deleteWithResource(hr)).isEmpty());
    assertThat(locked.backups(hr)).doesNotContain(folder).isNotEmpty();
  }

  private static Instance archiving(String name) {
    return archiving(name, bucket, "s3");
  }

  private static Instance archiving(String name, S3Bucket store, String secret) {
    Instance instance = given.instance(name).backup(store, secret).running();
    Eventually.instance(instance).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    return instance;
  }

  private static void change(Secret secret, Map<String, String> data) {
    TestCluster.client()
        .secrets()
        .inNamespace(secret.getMetadata().getNamespace())
        .withName(secret.getMetadata().getName())
        .edit(present -> new SecretBuilder(present).addToStringData(data).build());
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
