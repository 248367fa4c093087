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
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The write-ahead log reaches the store, and base backups are made; both are told truthfully. Each
 * test continues the story of one instance.
 */
@Order(1)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BackupTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static S3Bucket bucket;
  private static Secret secret;
  private static Instance orders;
  private static Backup first;

  @BeforeAll
  static void instanceWithWrongCredentials() {
    bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
    secret =
        TestCluster.client()
            .resource(
                new SecretBuilder()
                    .withNewMetadata()
                    .withNamespace(given.namespace())
                    .withName("corrected")
                    .endMetadata()
                    .withStringData(
                        Map.of(
                            "accessKeyId", "nobody",
                            "secretAccessKey", "wrong",
                            "ca.crt", bucket.credentials().get("ca.crt")))
                    .build())
            .create();
    orders = given.instance("orders").backup(bucket, "corrected").running();
  }

  @Test
  @Order(1)
  @CoversReasons({Reason.ARCHIVE_STARTING, Reason.STORE_UNAVAILABLE, Reason.ARCHIVING})
  void wrongCredentialsAreReportedAndHealWhenTheSecretIsCorrected() {
    // When, Then
    assertThat(
            Eventually.instance(orders)
                .conditionMessage(ConditionType.BACKUP_READY, Reason.STORE_UNAVAILABLE))
        .contains(bucket.name());

    // When
    TestCluster.client()
        .resource(new SecretBuilder(secret).withStringData(bucket.credentials()).build())
        .patch();

    // Then
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
  }

  @Test
  @Order(2)
  @CoversReasons(value = Reason.BACKUP_COMPLETED, events = EventReason.BACKUP_REQUESTED)
  void archiveGetsItsFirstBackupByItself() {
    // Given
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);

    // When
    first = Backup.lastOf(orders);
    first.eventually(Reason.BACKUP_COMPLETED);

    // Then
    String lineage = orders.resource().getStatus().backup().lineage();
    String id = orders.resource().getStatus().backup().instanceId();
    PostgresBackupStatus status = first.resource().getStatus();
    assertThat(status.archive().lineage()).isEqualTo(lineage);
    assertThat(bucket.keys("team-a/%s/%s/".formatted(id, lineage)))
        .contains(
            "team-a/%s/%s/lineage.json".formatted(id, lineage),
            "team-a/%s/%s/progress.json".formatted(id, lineage),
            "team-a/%s/%s/backups/%s/base.tar.gz".formatted(id, lineage, status.archiveName()),
            "team-a/%s/%s/backups/%s/backup.json".formatted(id, lineage, status.archiveName()));
    assertThat(orders.events())
        .anySatisfy(
            event -> {
              assertThat(event.getReason()).isEqualTo("BackupRequested");
              assertThat(event.getMessage()).contains(first.name());
            });
    assertThat(Cluster.execInBackupPod(orders, "shipper", "cat", "/proc/1/maps"))
        .as("native cryptography")
        .contains("libamazonCorrettoCryptoProvider.so");
  }

  @Test
  @Order(3)
  void storeThatIsAwayIsReportedAndNothingIsLost() throws Exception {
    // Given
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);

    // When
    bucket.refuseConnections();
    Client.connect(orders)
        .execute("CREATE TABLE meanwhile AS SELECT generate_series(1, 200000) AS n");

    // Then
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.STORE_UNAVAILABLE);

    // When
    bucket.restoreConnections();

    // Then
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    Instance restored =
        given.instance("restored").source("archive", bucket.archive(orders, "s3")).running();
    assertThat(Client.read(restored, "SELECT count(*) FROM meanwhile")).isEqualTo("200000");
  }

  @Test
  @Order(4)
  @CoversReasons(Reason.ARCHIVE_STOPPED)
  void backupPodThatCannotLogInIsReported() {
    // Given
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);

    // When
    Cluster.psql(orders, "ALTER ROLE pgi_backup CONNECTION LIMIT 0");
    Cluster.psql(
        orders,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pgi_backup'");

    // Then
    assertThat(
            Eventually.instance(orders)
                .conditionMessage(ConditionType.BACKUP_READY, Reason.ARCHIVE_STOPPED))
        .contains("orders-backup-0");

    // When
    Cluster.psql(orders, "ALTER ROLE pgi_backup CONNECTION LIMIT -1");

    // Then
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
  }

  @Test
  @Order(5)
  @CoversReasons({Reason.BACKUP_RUNNING, Reason.BACKUP_FAILED})
  void failedBackupNamesItsCause() {
    // Given
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);

    // When
    Backup failing = Backup.create(given.namespace(), "orders-fails", "orders");
    failing.eventually(Reason.BACKUP_RUNNING);
    TestCluster.client()
        .batch()
        .v1()
        .jobs()
        .inNamespace(given.namespace())
        .withName("orders-fails")
        .delete();

    // Then
    assertThat(failing.eventually(Reason.BACKUP_FAILED).getMessage()).isNotBlank();
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.BACKUP_FAILED);
  }

  /** The successful backup ends what the failed one has caused. */
  @Test
  @Order(6)
  void scheduleMakesABackupAndDeletesWhatNoMomentOfTheWindowNeeds() {
    // Given
    Backup needed = Backup.complete(orders, "orders-second");
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    String kept = needed.resource().getStatus().archiveName();
    String oldest = first.resource().getStatus().archiveName();
    bucket.backdate(orders, oldest, "2020-01-01");
    bucket.backdate(orders, kept, "2020-01-02");

    // When
    orders.change(
        spec ->
            spec.backup("retention", Map.of("window", "1h", "minimum", 1))
                .backup("schedule", "* * * * *"));

    // Then
    Eventually.that("the oldest backup is gone", () -> assertThat(first.resource()).isNull());
    assertThat(needed.resource()).as("each moment of the window needs it").isNotNull();
    Eventually.that(
        "the last backup is one of the schedule",
        () -> assertThat(Backup.lastOf(orders).name()).matches("orders-\\d{8}-\\d{6}"));
    assertThat(bucket.backups(orders))
        .contains(kept, Backup.lastOf(orders).resource().getStatus().archiveName())
        .doesNotContain(oldest);
  }

  @Test
  @Order(7)
  @CoversReasons(Reason.BACKUP_PENDING)
  void endOfTheBackupTakesAwayTheAccessAndRestartsNothing() throws Exception {
    // Given
    Pod server = orders.pod();

    // When
    orders.change(spec -> spec.withoutBackup());

    // Then
    Eventually.instance(orders).hasNoCondition(ConditionType.BACKUP_READY);
    Eventually.that(
        "no slot keeps the write-ahead log",
        () ->
            assertThat(Client.read(orders, "SELECT count(*) FROM pg_replication_slots"))
                .isEqualTo("0"));
    assertThat(
            Client.read(
                orders,
                "SELECT rolcanlogin OR rolreplication FROM pg_roles WHERE rolname='pgi_backup'"))
        .isEqualTo("f");
    Eventually.that(
        "the backup pod is gone",
        () ->
            assertThat(
                    TestCluster.client()
                        .pods()
                        .inNamespace(orders.namespace())
                        .withName("orders-backup-0")
                        .get())
                .isNull());
    orders.assertHas(server);

    // When
    Backup unknown = Backup.create(given.namespace(), "of-unknown", "ordres");
    Backup plain = Backup.create(given.namespace(), "of-plain", "orders");

    // Then
    assertThat(unknown.eventually(Reason.BACKUP_PENDING).getMessage())
        .contains("ordres", given.namespace());
    assertThat(plain.eventually(Reason.BACKUP_PENDING).getMessage()).contains("spec.backup");
  }
}
