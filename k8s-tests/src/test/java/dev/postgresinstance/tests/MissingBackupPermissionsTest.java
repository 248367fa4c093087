package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Backup;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.GrantedPermissions;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Permission;
import dev.postgresinstance.tests.support.S3Bucket;
import dev.postgresinstance.tests.support.UnaffectedServer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The operator lacks one of the permissions that only backups and restores need: it names the
 * permission, the server runs on, and what was requested is done once the permission is granted.
 * Isolated, because all instances are affected.
 */
@Isolated
@Tag("long")
class MissingBackupPermissionsTest {

  /** The permissions that this class tests; {@link MissingPermissionsTest} tests all others. */
  static final Set<String> TESTED =
      Set.of(
          "create jobs",
          "delete jobs",
          "create postgresbackups",
          "delete postgresbackups",
          "patch postgresbackups/status",
          "get pods/log");

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static GrantedPermissions permissions;
  private static S3Bucket bucket;
  private static Instance orders;
  private static Backup first;

  private UnaffectedServer baseline;

  @BeforeAll
  static void instanceWithBackup() {
    permissions = given.operator().permissions();
    bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
    orders = archiving("orders");
    first = Backup.lastOf(orders);
  }

  @BeforeEach
  void takeBaseline() {
    baseline = new UnaffectedServer(given.operator(), orders);
  }

  @AfterEach
  void restore() {
    permissions.restore();
    Eventually.instance(orders).isReady();
  }

  @Test
  void backupWaitsForThePermissionToCreateItsJob() {
    // Given
    Permission permission = revoked("create jobs");

    // When
    Backup backup = Backup.create(orders.namespace(), "without-job", orders.name());

    // Then
    assertThat(backup.eventually(Reason.BACKUP_PENDING).getMessage())
        .contains("lacks permission to create jobs");
    baseline.assertRunsWithout(permission);
    permissions.restore();
    backup.eventually(Reason.BACKUP_COMPLETED);
  }

  @Test
  void resultOfABackupIsWrittenLater() {
    // Given
    Permission permission = revoked("patch postgresbackups/status");

    // When
    Backup backup = Backup.create(orders.namespace(), "without-status", orders.name());

    // Then
    assertLogged(permission);
    baseline.assertRunsWithout(permission);
    permissions.restore();
    backup.eventually(Reason.BACKUP_COMPLETED);
  }

  @Test
  void firstBackupOfAnInstanceIsCreatedLater() {
    // Given
    Permission permission = revoked("create postgresbackups");

    // When
    Instance crm = given.instance("crm").backup(bucket, "s3").applied();

    // Then
    assertThat(Eventually.instance(crm).isNotReady(Reason.MISSING_RIGHT))
        .contains("lacks permission to " + permission);
    baseline.assertRunsWithout(permission);
    permissions.restore();
    Eventually.instance(crm).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
  }

  /** What the retention has deleted from the store keeps its resource for so long. */
  @Test
  void resourceOfADeletedBackupIsDeletedLater() {
    // Given
    Backup needed = Backup.complete(orders, "needed"); // for each moment of the window
    bucket.backdate(orders, first.resource().getStatus().archiveName(), "2020-01-01");
    bucket.backdate(orders, needed.resource().getStatus().archiveName(), "2020-01-02");
    Permission permission = revoked("delete postgresbackups");
    orders.change(spec -> spec.backup("retention", Map.of("window", "1h", "minimum", 1)));

    // When
    Backup next = Backup.create(orders.namespace(), "next", orders.name());

    // Then
    assertLogged(permission);
    baseline.assertRunsWithout(permission);
    assertThat(first.resource()).isNotNull();
    permissions.restore();
    next.eventually(Reason.BACKUP_COMPLETED);
    Eventually.that("the oldest backup is gone", () -> assertThat(first.resource()).isNull());
  }

  @Test
  void restoreThatHasNotBegunIsReplacedLater() {
    // Given
    Instance copy =
        given
            .instance("elsewhere")
            .source("instance", Map.of("name", orders.name()))
            .requests("100", "64Mi")
            .applied();
    Eventually.instance(copy).isNotReady(Reason.UNSCHEDULABLE);
    Permission permission = revoked("delete jobs");

    // When
    copy.change(spec -> spec.requests("20m", "64Mi"));

    // Then
    assertThat(Eventually.instance(copy).isNotReady(Reason.MISSING_RIGHT))
        .contains("lacks permission to " + permission);
    baseline.assertRunsWithout(permission);
    permissions.restore();
    Eventually.instance(copy).isReady();
  }

  @Test
  void restoreSucceedsWithoutShowingItsProgress() {
    // Given
    Permission permission = revoked("get pods/log");

    // When
    given.instance("silent").source("instance", Map.of("name", orders.name())).running();

    // Then
    assertLogged(permission);
    baseline.assertRunsWithout(permission);
  }

  private static Instance archiving(String name) {
    Instance instance = given.instance(name).backup(bucket, "s3").running();
    Eventually.instance(instance).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    return instance;
  }

  private static Permission revoked(String name) {
    assertThat(TESTED).contains(name);
    List<Permission> found =
        permissions.all().stream()
            .filter(permission -> permission.toString().equals(name))
            .toList();
    assertThat(found).as(name).hasSize(1);
    permissions.revoke(found.getFirst());
    return found.getFirst();
  }

  private void assertLogged(Permission permission) {
    Eventually.that(
        "the log names the permission to " + permission,
        () -> assertThat(baseline.newLogs()).contains("lacks permission to " + permission));
  }
}
