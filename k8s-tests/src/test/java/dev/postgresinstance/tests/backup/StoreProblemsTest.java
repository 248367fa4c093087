package dev.postgresinstance.tests.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.DeletableBackup;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a store does only rarely: each problem is reported, and heals or is refused. */
@Tag("long")
class StoreProblemsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static S3Bucket bucket;

  @BeforeAll
  static void bucketWithCredentials() {
    bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
  }

  @Test
  @CoversReasons(Reason.WAL_SPACE_LOW)
  void storeThatIsAwayForTooLongLeavesAGapThatIsReported() throws Exception {
    // Given
    S3Bucket away = given.bucketOnS3();
    Instance full =
        given
            .instance("full")
            .backup(away, "s3")
            .parameter("max_slot_wal_keep_size", "64MB")
            .running();
    Eventually.instance(full).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    String before = full.resource().getStatus().backup().lineage();

    // When
    away.refuseConnections();
    try (Client client = Client.connect(full)) {
      for (int table = 0; table < 6; table++) {
        client.execute("CREATE TABLE t%d AS SELECT generate_series(1, 250000)".formatted(table));
      }
    }

    // Then
    Eventually.instance(full).hasCondition(ConditionType.BACKUP_READY, Reason.WAL_SPACE_LOW);

    // When
    away.restoreConnections();

    // Then
    Eventually.instance(full).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    assertThat(Client.read(full, "SELECT count(*) FROM t5")).isEqualTo("250000");
    boolean isLost = !full.resource().getStatus().backup().lineage().equals(before);
    assertThat(
            full.condition(ConditionType.BACKUP_READY).orElseThrow().getMessage().contains("gap"))
        .isEqualTo(isLost);
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

  @Test
  void correctedSecretHealsARestoreThatWasDenied() throws SQLException {
    // Given
    Instance orders = archiving("orders", bucket, "s3");
    Client.connect(orders).execute("CREATE TABLE parcel AS SELECT 1 AS n");
    bucket.hasReached(orders, Client.read(orders, "SELECT pg_current_wal_flush_lsn()"));
    Secret secret = bucket.createSecret(given.namespace(), "mistyped");
    change(secret, Map.of("accessKeyId", "nobody", "secretAccessKey", "wrong"));
    Instance denied =
        given.instance("denied").source("archive", bucket.archive(orders, "mistyped")).applied();
    assertThat(Eventually.instance(denied).isNotReady(Reason.RESTORE_FAILED))
        .contains(bucket.name());

    // When
    change(secret, bucket.credentials());

    // Then
    Eventually.instance(denied).isReady();
    assertThat(Client.read(denied, "SELECT n FROM parcel")).isEqualTo("1");
  }

  @Test
  void archiveWithAGapIsRefused() throws SQLException {
    // Given
    Instance holey = archiving("holey", bucket, "s3");
    Client.connect(holey).execute("CREATE TABLE much AS SELECT generate_series(1, 1000000) AS n");
    bucket.hasReached(holey, Client.read(holey, "SELECT pg_current_wal_flush_lsn()"));
    Map<String, Object> archive = bucket.archive(holey, "s3");
    holey.change(spec -> spec.withoutBackup());
    String segment = bucket.segments(holey).get(2);
    bucket.delete(segment);

    // When
    Instance restored = given.instance("from-holey").source("archive", archive).applied();

    // Then
    assertThat(Eventually.instance(restored).isNotReady(Reason.RESTORE_FAILED))
        .contains(segment.replaceAll(".*/|[.]gz", ""));
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
