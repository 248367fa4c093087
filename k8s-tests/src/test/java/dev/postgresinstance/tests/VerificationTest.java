package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresBackupStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.VerificationStatus;
import dev.postgresinstance.tests.support.Backup;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.S3Bucket;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The newest backup is restored by a Job, and what it finds is reported. */
@Order(1)
class VerificationTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final String VERIFY = "postgresinstance.dev/verify-backup";

  private static S3Bucket bucket;

  @BeforeAll
  static void bucketWithCredentials() {
    bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
  }

  @Test
  @CoversReasons(value = Reason.VERIFICATION_FAILED, events = EventReason.VERIFIED)
  void damageIsFoundAndTheScheduleVerifiesTheNextBackup() throws SQLException {
    // Given
    Instance orders = given.instance("orders").backup(bucket, "s3").running();
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    Pod server = orders.pod();
    Client.connect(orders).execute("CREATE TABLE last AS SELECT generate_series(1, 1000) AS n");
    String committed = Client.read(orders, "SELECT pg_current_wal_flush_lsn()");
    bucket.hasReached(orders, committed);
    Backup first = Backup.lastOf(orders);

    // When
    VerificationStatus verified = verification(orders, "first");

    // Then
    assertThat(verified.succeeded()).as(verified.message()).isTrue();
    assertThat(verified.backup()).isEqualTo(first.name());
    assertThat(position(verified.reachedLsn())).isGreaterThanOrEqualTo(position(committed));
    assertThat(verified.duration()).isNotBlank();
    assertThat(verified.message()).contains("the checksums of all pages are correct");
    Eventually.that(
        "the backup shows when it was verified",
        () ->
            assertThat(first.resource().getStatus())
                .extracting(PostgresBackupStatus::verifiedTime)
                .isEqualTo(verified.time()));
    assertThat(bucket.keys("")).anyMatch(key -> key.matches(".*/backups/[^/]+/verified-.*[.]json"));
    assertThat(services()).noneMatch(service -> service.contains("verify"));

    // When
    bucket.corrupt(
        bucket.keys("").stream()
            .filter(key -> key.endsWith("/base.tar.gz"))
            .findFirst()
            .orElseThrow());
    VerificationStatus damaged = verification(orders, "second");

    // Then
    assertThat(damaged.succeeded()).isFalse();
    assertThat(damaged.message()).contains(first.resource().getStatus().archiveName(), "damaged");
    assertThat(
            Eventually.instance(orders)
                .conditionMessage(ConditionType.BACKUP_READY, Reason.VERIFICATION_FAILED))
        .contains(first.name(), VERIFY);
    assertThat(archive(orders).lastVerifiedTime()).isEqualTo(verified.time());

    // When
    Backup second = Backup.complete(orders, "orders-second");
    orders.change(spec -> spec.backup("verify", Map.of("schedule", "* * * * *")));

    // Then
    VerificationStatus healed =
        Eventually.nonNull(
            "the schedule has verified another backup",
            () -> {
              VerificationStatus last = archive(orders).lastVerification();
              return second.name().equals(last.backup()) ? last : null;
            });
    assertThat(healed.succeeded()).as(healed.message()).isTrue();
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    assertThat(orders.ready().orElseThrow().getStatus()).isEqualTo("True");
    orders.assertHas(server);
  }

  /** Requests a verification, and waits for its end. */
  private static VerificationStatus verification(Instance instance, String request) {
    instance.annotate(VERIFY, request);
    return Eventually.nonNull(
        "the verification %s of %s has ended".formatted(request, instance),
        () -> {
          VerificationStatus last = archive(instance).lastVerification();
          return last != null && request.equals(last.request()) ? last : null;
        });
  }

  private static BackupStatus archive(Instance instance) {
    return instance.resource().getStatus().backup();
  }

  private static List<String> services() {
    return TestCluster.client().services().inNamespace(given.namespace()).list().getItems().stream()
        .map(Service::getMetadata)
        .map(metadata -> metadata.getName())
        .toList();
  }

  private static long position(String lsn) {
    String[] halves = lsn.split("/", -1);
    return (Long.parseLong(halves[0], 16) << 32) + Long.parseLong(halves[1], 16);
  }
}
