package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Backup;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.S3Bucket;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The write-ahead log reaches the store, and base backups are made; both are told truthfully. */
class BackupTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static S3Bucket bucket;

  @BeforeAll
  static void bucketWithCredentials() {
    bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
  }

  @Test
  @CoversReasons(
      value = {Reason.ARCHIVING, Reason.ARCHIVE_STARTING, Reason.BACKUP_COMPLETED},
      events = EventReason.BACKUP_REQUESTED)
  void archiveGetsItsFirstBackupByItself() {
    // Given, When
    Instance orders = given.instance("orders").backup(bucket, "s3").applied();

    // Then
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVE_STARTING);
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    String lineage = orders.resource().getStatus().backup().lineage();
    String id = orders.resource().getStatus().backup().instanceId();
    Backup last = Backup.lastOf(orders);
    last.eventually(Reason.BACKUP_COMPLETED);
    PostgresBackup first = last.resource();
    assertThat(first.getStatus().archive().lineage()).isEqualTo(lineage);
    assertThat(bucket.keys("team-a/%s/%s/".formatted(id, lineage)))
        .contains(
            "team-a/%s/%s/lineage.json".formatted(id, lineage),
            "team-a/%s/%s/progress.json".formatted(id, lineage),
            "team-a/%s/%s/backups/%s/base.tar.gz"
                .formatted(id, lineage, first.getStatus().archiveName()),
            "team-a/%s/%s/backups/%s/backup.json"
                .formatted(id, lineage, first.getStatus().archiveName()));
    assertThat(orders.events())
        .anySatisfy(
            event -> {
              assertThat(event.getReason()).isEqualTo("BackupRequested");
              assertThat(event.getMessage()).contains(first.getMetadata().getName());
            });
  }

  @Test
  void endOfTheBackupTakesAwayTheAccessAndRestartsNothing() throws Exception {
    // Given
    Instance shop = given.instance("shop").backup(bucket, "s3").running();
    Eventually.instance(shop).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    Pod server = shop.pod();

    // When
    shop.change(spec -> spec.withoutBackup());

    // Then
    Eventually.instance(shop).hasNoCondition(ConditionType.BACKUP_READY);
    Eventually.that(
        "no slot keeps the write-ahead log",
        () ->
            assertThat(Client.read(shop, "SELECT count(*) FROM pg_replication_slots"))
                .isEqualTo("0"));
    assertThat(
            Client.read(
                shop,
                "SELECT rolcanlogin OR rolreplication FROM pg_roles WHERE rolname='pgi_backup'"))
        .isEqualTo("f");
    Eventually.that(
        "the backup pod is gone",
        () ->
            assertThat(
                    TestCluster.client()
                        .pods()
                        .inNamespace(shop.namespace())
                        .withName("shop-backup-0")
                        .get())
                .isNull());
    shop.assertHas(server);
  }

  @Test
  @CoversReasons(Reason.STORE_UNAVAILABLE)
  void wrongCredentialsAreReportedAndHealWhenTheSecretIsCorrected() {
    // Given
    Secret secret =
        TestCluster.client()
            .resource(
                new SecretBuilder()
                    .withNewMetadata()
                    .withNamespace(given.namespace())
                    .withName("rotated")
                    .endMetadata()
                    .withStringData(
                        Map.of(
                            "accessKeyId", "nobody",
                            "secretAccessKey", "wrong",
                            "ca.crt", bucket.credentials().get("ca.crt")))
                    .build())
            .create();
    Instance crm = given.instance("crm").backup(bucket, "rotated").running();

    // When, Then
    assertThat(
            Eventually.instance(crm)
                .conditionMessage(ConditionType.BACKUP_READY, Reason.STORE_UNAVAILABLE))
        .contains(bucket.name());

    // When
    TestCluster.client()
        .resource(new SecretBuilder(secret).withStringData(bucket.credentials()).build())
        .patch();

    // Then
    Eventually.instance(crm).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
  }

  @Test
  void storeThatIsAwayIsReportedAndNothingIsLost() throws Exception {
    // Given
    S3Bucket away = given.bucketOnS3();
    Instance hr = given.instance("hr").backup(away, "s3").running();
    Eventually.instance(hr).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);

    // When
    away.refuseConnections();
    Client.connect(hr).execute("CREATE TABLE meanwhile AS SELECT generate_series(1, 200000) AS n");

    // Then
    Eventually.instance(hr).hasCondition(ConditionType.BACKUP_READY, Reason.STORE_UNAVAILABLE);

    // When
    away.restoreConnections();

    // Then
    Eventually.instance(hr).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    Instance restored =
        given.instance("hr-restored").source("archive", away.archive(hr, "s3")).running();
    assertThat(Client.read(restored, "SELECT count(*) FROM meanwhile")).isEqualTo("200000");
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
  void retentionDeletesWhatNoMomentOfTheWindowNeeds() {
    // Given
    Instance old =
        given
            .instance("old")
            .backup(bucket, "s3")
            .backup("retention", Map.of("window", "1h", "minimum", 1))
            .running();
    Eventually.instance(old).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    Backup oldest = Backup.lastOf(old);
    Backup needed = Backup.complete(old, "old-second");
    bucket.backdate(old, oldest.resource().getStatus().archiveName(), "2020-01-01");
    bucket.backdate(old, needed.resource().getStatus().archiveName(), "2020-01-02");

    // When
    Backup newest = Backup.complete(old, "old-third");

    // Then
    Eventually.that("the oldest backup is gone", () -> assertThat(oldest.resource()).isNull());
    assertThat(needed.resource()).as("each moment of the window needs it").isNotNull();
    assertThat(bucket.backups(old))
        .containsExactlyInAnyOrder(
            needed.resource().getStatus().archiveName(),
            newest.resource().getStatus().archiveName());
  }

  @Test
  @CoversReasons(Reason.ARCHIVE_STOPPED)
  void backupPodThatCannotLogInIsReported() {
    // Given
    Instance locked = given.instance("locked").backup(bucket, "s3").running();
    Eventually.instance(locked).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);

    // When
    superuser(
        locked,
        "ALTER ROLE pgi_backup CONNECTION LIMIT 0",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pgi_backup'");

    // Then
    assertThat(
            Eventually.instance(locked)
                .conditionMessage(ConditionType.BACKUP_READY, Reason.ARCHIVE_STOPPED))
        .contains("locked-backup-0");

    // When
    superuser(locked, "ALTER ROLE pgi_backup CONNECTION LIMIT -1");

    // Then
    Eventually.instance(locked).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
  }

  private static void superuser(Instance instance, String... statements) {
    for (String statement : statements) {
      Cluster.psql(instance, statement);
    }
  }

  @Test
  @CoversReasons(Reason.BACKUP_PENDING)
  void backupOfUnknownInstanceOrWithoutStoreSaysWhatItWaitsFor() {
    // Given
    given.instance("plain").running();

    // When
    Backup unknown = Backup.create(given.namespace(), "of-unknown", "ordres");
    Backup plain = Backup.create(given.namespace(), "of-plain", "plain");

    // Then
    assertThat(unknown.eventually(Reason.BACKUP_PENDING).getMessage())
        .contains("ordres", given.namespace());
    assertThat(plain.eventually(Reason.BACKUP_PENDING).getMessage()).contains("spec.backup");
  }

  @Test
  @CoversReasons({Reason.BACKUP_RUNNING, Reason.BACKUP_FAILED})
  void failedBackupNamesItsCause() {
    // Given
    Instance ledger = given.instance("ledger").backup(bucket, "s3").running();
    Eventually.instance(ledger).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);

    // When
    Backup failing = Backup.create(given.namespace(), "ledger-fails", "ledger");
    failing.eventually(Reason.BACKUP_RUNNING);
    TestCluster.client()
        .batch()
        .v1()
        .jobs()
        .inNamespace(given.namespace())
        .withName("ledger-fails")
        .delete();

    // Then
    assertThat(failing.eventually(Reason.BACKUP_FAILED).getMessage()).isNotBlank();
    Eventually.instance(ledger).hasCondition(ConditionType.BACKUP_READY, Reason.BACKUP_FAILED);
  }
}
