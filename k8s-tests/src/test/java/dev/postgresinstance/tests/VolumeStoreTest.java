package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Backup;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.InstanceBuilder;
import dev.postgresinstance.tests.support.Ledger;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The archive lies on a volume of the cluster, which outlives the instance. */
@Order(1)
class VolumeStoreTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  /** Without synchronous, the server would acknowledge what nobody has received. */
  @Test
  @CoversReasons(Reason.COMMITS_BLOCKED)
  void archiveHasAllThatWasAcknowledgedAndServesTheNextInstanceOfTheName() throws Exception {
    // Given
    Instance orders = archiving("orders", "folders", Map.of("synchronous", true));
    Client.connect(orders).execute("CREATE TABLE kept AS SELECT generate_series(1, 200000) AS n");
    Backup backup = Backup.complete(orders, "orders-base");
    assertThat(orders.resource().getStatus().backup().claimName()).isEqualTo("orders-backup");
    assertThat(backup.resource().getStatus().archive().store().volume().claimName())
        .isEqualTo("orders-backup");
    String id = orders.resource().getStatus().backup().instanceId();
    String uid = claim("orders-backup").getMetadata().getUid();
    Instance copy =
        given.instance("copy").source("backup", Map.of("name", "orders-base")).running();
    assertThat(Client.read(copy, "SELECT count(*) FROM kept")).isEqualTo("200000");
    Ledger ledger = Ledger.begin(orders, 1);
    ledger.hasWritten(1000);

    // When
    stopReceiver(orders);

    // Then
    assertThat(Eventually.instance(orders).isNotReady(Reason.COMMITS_BLOCKED))
        .contains("orders-backup-0", "spec.backup.wal.synchronous");

    // When
    loseInstanceAndData(orders);

    // Then
    orders.change(spec -> spec.source("archive", archiveOn("orders-backup", id)));
    Eventually.instance(orders).isReady();
    assertThat(Client.read(orders, "SELECT count(*) FROM kept")).isEqualTo("200000");
    assertNothingLost(ledger, orders);
    assertThat(claim("orders-backup").getMetadata().getUid()).isEqualTo(uid);
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    assertThat(orders.resource().getStatus().backup().instanceId()).isNotEqualTo(id);
  }

  @Test
  @Tag("long")
  void verificationsAndDeletionsWriteToTheVolume() {
    // Given
    Instance depot = archiving("depot", "folders", Map.of("uploadInterval", "1s"));
    Backup unwanted = Backup.completeToDelete(depot, "depot-unwanted");
    Backup last = Backup.complete(depot, "depot-last");
    String folder = unwanted.resource().getStatus().archiveName();

    // When
    depot.annotate("postgresinstance.dev/verify-backup", "now");
    unwanted.delete();

    // Then
    Eventually.that(
        "the verification has succeeded",
        () ->
            assertThat(depot.resource().getStatus().backup().lastVerification())
                .satisfies(
                    verified -> {
                      assertThat(verified.request()).isEqualTo("now");
                      assertThat(verified.succeeded()).as(verified.message()).isTrue();
                    }));
    Eventually.that(
        "the backup is deleted",
        () -> inReceiver(depot, "! compgen -G '/store/*/*/backups/%s/*'".formatted(folder)));
    inReceiver(
        depot,
        "compgen -G '/store/*/*/backups/%s/verified-*.json'"
            .formatted(last.resource().getStatus().archiveName()));
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.STORE_UNAVAILABLE)
  void fullVolumeIsReportedAndHealsWhenItGrows() {
    // Given
    Instance shop = archiving("shop", "limited", Map.of("uploadInterval", "1s"));

    // When
    inReceiver(shop, "head -c 1G /dev/zero >/store/filler || true");

    // Then
    assertThat(
            Eventually.instance(shop)
                .conditionMessage(ConditionType.BACKUP_READY, Reason.STORE_UNAVAILABLE))
        .contains("volume with the backups is full", "Raise spec.backup.store.volume.size");

    // When
    shop.change(spec -> spec.backup("store", Map.of("volume", volume("limited", "512Mi"))));

    // Then
    Eventually.instance(shop).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
  }

  @Test
  @Tag("long")
  void noAcknowledgedCommitIsLostWithServerVolumeAndBackupPod() throws Exception {
    // Given
    Instance bank = archiving("bank", "folders", Map.of("synchronous", true));
    String id = bank.resource().getStatus().backup().instanceId();
    Ledger ledger = Ledger.begin(bank, 1);
    ledger.hasWritten(1000);

    // When
    loseInstanceAndData(bank);

    // Then
    Instance restored =
        given.instance("bank-restored").source("archive", archiveOn("bank-backup", id)).running();
    assertNothingLost(ledger, restored);
  }

  private static void assertNothingLost(Ledger ledger, Instance restored) throws SQLException {
    ledger.end();
    assertThat(ledger.acknowledged()).isPositive();
    assertThat(ledger.loss(restored).commits()).isZero();
  }

  private static Instance archiving(String name, String storageClass, Map<String, Object> wal) {
    InstanceBuilder builder =
        given
            .instance(name)
            .deletionPolicy("Delete")
            .backup("store", Map.of("volume", volume(storageClass, "256Mi")))
            .backup("wal", wal);
    Instance instance = builder.running();
    Eventually.instance(instance).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    return instance;
  }

  private static Map<String, Object> volume(String storageClass, String size) {
    return Map.of("size", size, "storageClassName", storageClass);
  }

  private static Map<String, Object> archiveOn(String claim, String instanceId) {
    return Map.of("store", Map.of("volume", Map.of("claimName", claim)), "instanceId", instanceId);
  }

  /** Kills server and backup pod at the same moment, and deletes instance and data. */
  private static void loseInstanceAndData(Instance instance) {
    Cluster.kubectl(
        "delete",
        "pod",
        instance.name() + "-0",
        instance.name() + "-backup-0",
        "--namespace=" + instance.namespace(),
        "--grace-period=0",
        "--force");
    instance.delete();
    Eventually.that("the data is gone", () -> assertThat(instance.claim()).isNull());
  }

  private static PersistentVolumeClaim claim(String name) {
    return TestCluster.client()
        .persistentVolumeClaims()
        .inNamespace(given.namespace())
        .withName(name)
        .get();
  }

  private static void stopReceiver(Instance instance) {
    inReceiver(
        instance,
        "for p in /proc/[0-9]*; do read -r name <$p/comm; "
            + "if [[ $name == pg_receivewal ]]; then kill -STOP ${p##*/}; fi; done");
  }

  private static void inReceiver(Instance instance, String script) {
    Cluster.kubectl(
        "exec",
        "--namespace=" + instance.namespace(),
        instance.name() + "-backup-0",
        "--container=receiver",
        "--",
        "bash",
        "-c",
        script);
  }
}
