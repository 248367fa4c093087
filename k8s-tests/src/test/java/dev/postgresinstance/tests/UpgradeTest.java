package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Backup;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.S3Bucket;
import dev.postgresinstance.tests.support.Settings;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A version of the operator that creates different pods, with another start script and another
 * table of images. Isolated, because it replaces the operator.
 */
@Tag("installed-only")
@Isolated
class UpgradeTest {

  private static final String STARTED_BY_NEXT_VERSION = "Started by the next version.";

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @AfterEach
  void restoreOperator() {
    given.operator().start();
  }

  @Test
  void upgradeRestartsNothingAndNextRestartAppliesNewVersion() throws SQLException {
    // Given
    Instance orders = given.instance("orders").running();
    Pod before = orders.pod();
    try (Client session = Client.connect(orders)) {

      // When
      given.operator().upgrade(Settings.nextOperatorImage(), Settings.otherPostgresImage());

      // Then
      Eventually.instance(orders)
          .hasCondition(ConditionType.PENDING_RESTART, Reason.RESTART_REQUIRED);
      Consistently.that(
          "the instance stays ready without a restart",
          () -> {
            assertThat(orders.ready().orElseThrow().getStatus()).isEqualTo("True");
            orders.assertHas(before);
          });
      assertThat(session.read("SELECT 1")).isEqualTo("1");
      assertThat(Cluster.containerRestarts(orders)).isZero();
    }

    Cluster.killPod(orders);
    Eventually.instance(orders)
        .isReadyWithNewPod(before)
        .hasNoCondition(ConditionType.PENDING_RESTART);
    Container container = Cluster.serverIn(orders.pod());
    assertThat(container.getImage()).isEqualTo(Settings.otherPostgresImage());
    assertThat(container.getReadinessProbe().getPeriodSeconds()).isEqualTo(11);
    assertThat(Cluster.log(orders)).contains(STARTED_BY_NEXT_VERSION);
  }

  @Test
  void backupThatRunsDuringTheUpgradeBecomesComplete() {
    // Given
    S3Bucket bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
    Instance shop = given.instance("shop").backup(bucket, "s3").running();
    Eventually.instance(shop).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    Pod before = shop.pod();
    bucket.dropPackets();
    Backup backup = Backup.create(given.namespace(), "during-upgrade", shop.name());
    backup.eventually(Reason.BACKUP_RUNNING);

    // When
    given.operator().upgrade(Settings.nextOperatorImage(), Settings.otherPostgresImage());
    Eventually.instance(shop).hasCondition(ConditionType.PENDING_RESTART, Reason.RESTART_REQUIRED);
    assertThat(backup.reason()).contains(Reason.BACKUP_RUNNING.word());
    bucket.restoreConnections();

    // Then
    backup.eventually(Reason.BACKUP_COMPLETED);
    Eventually.instance(shop).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    shop.assertHas(before);
    assertThat(Cluster.containerRestarts(shop)).isZero();
    assertThat(bucket.backups(shop)).hasSize(2);
  }
}
