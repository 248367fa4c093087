package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.AuditLog;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.GrantedPermissions;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.OperatorProcess;
import dev.postgresinstance.tests.support.Permission;
import dev.postgresinstance.tests.support.Release;
import dev.postgresinstance.tests.support.Toxiproxy;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An operator that serves some namespaces and has permissions only there. Isolated, because it
 * replaces the operator of all tests.
 */
@Isolated
class WatchedNamespacesTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final String[] NO_CLUSTER_SCOPED_READS = {
    "nodes.read=false", "persistentVolumes.read=false"
  };

  private Release release;

  @BeforeAll
  static void stopOtherOperator() {
    given.operator().stop();
  }

  @AfterEach
  void closeRelease() {
    release.close();
  }

  @AfterAll
  static void restoreOperator() {
    given.operator().start();
  }

  @Test
  void namespacesThatAreNotListedAreIgnored() {
    // Given
    Instant begin = Instant.now();
    Instance orders = given.instanceInOwnNamespace("orders").applied();
    Instance billing = given.instanceInOwnNamespace("billing").applied();
    Instance unwatched = given.instanceInOwnNamespace("unwatched").applied();

    // When
    OperatorProcess operator = start(orders, billing);

    // Then
    Eventually.instance(orders).isReady();
    Eventually.instance(billing).isReady();
    assertIgnores(unwatched);
    assertActsOnlyIn(
        List.of(given.namespace(), orders.namespace(), billing.namespace()), operator, begin);
    assertIsPermittedOnlyIn(orders, unwatched);
    assertLacksNoRequiredPermission(operator);
  }

  @Test
  void operatorCanServeOnlyItsOwnNamespace() {
    // Given
    Instant begin = Instant.now();
    Instance orders = given.instance("orders").applied();
    Instance unwatched = given.instanceInOwnNamespace("unwatched").applied();

    // When
    OperatorProcess operator = start(orders);

    // Then
    Eventually.instance(orders).isReady();
    assertIgnores(unwatched);
    assertActsOnlyIn(List.of(given.namespace()), operator, begin);
    assertIsPermittedOnlyIn(orders, unwatched);
    assertLacksNoRequiredPermission(operator);
  }

  @Test
  void permissionMissingInOneNamespaceIsReportedThere() {
    permissionMissingFromTheStartIsReportedThere("list secrets");
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"watch pods", "patch services"})
  void permissionMissingFromTheStartIsReportedThere(String name) {
    // Given
    Instance orders = instance("orders", name);
    Instance billing = instance("billing", name);
    release = Release.in(given.namespace(), values(orders.namespace(), billing.namespace()));
    GrantedPermissions permissions = release.permissionsIn(billing.namespace());
    permissions.revoke(permission(permissions, name));

    // When
    OperatorProcess operator = release.start();

    // Then
    Eventually.instance(orders).isReadyFor(Reason.SUSPENDED);
    changeService(billing, "1");
    assertThat(Eventually.instance(billing).isNotReady(Reason.MISSING_RIGHT))
        .contains("lacks permission to %s in namespace %s".formatted(name, billing.namespace()));
    changeService(orders, "1");
    Eventually.instance(orders).isReadyFor(Reason.SUSPENDED);
    assertKeepsRunning(operator);
    permissions.restore();
    Eventually.instance(billing).isReadyFor(Reason.SUSPENDED);
  }

  @Test
  @Tag("long")
  void watchThatCannotBeRenewedIsReportedThere() {
    // Given: open watches stay open, so the connections must be cut
    Instance orders = instance("orders", "renewed");
    Instance billing = instance("billing", "renewed");
    release = Release.in(given.namespace(), values(orders.namespace(), billing.namespace()));
    try (Toxiproxy proxy = Toxiproxy.toApiServer()) {
      OperatorProcess operator = release.start(proxy);
      Eventually.instance(orders).isReadyFor(Reason.SUSPENDED);
      Eventually.instance(billing).isReadyFor(Reason.SUSPENDED);
      GrantedPermissions permissions = release.permissionsIn(billing.namespace());
      permissions.revoke(permission(permissions, "watch pods"));

      // When
      proxy.cut();
      proxy.restore();

      // Then
      assertThat(messageOnceReported(billing, Reason.MISSING_RIGHT))
          .contains("lacks permission to watch pods in namespace " + billing.namespace());
      changeService(orders, "1");
      Eventually.instance(orders).isReadyFor(Reason.SUSPENDED);
      assertKeepsRunning(operator);
      permissions.restore();
      Eventually.instance(billing).isReadyFor(Reason.SUSPENDED);
    }
  }

  /** Triggers reconciliations repeatedly; without a trigger, there is one per minute. */
  private static String messageOnceReported(Instance instance, Reason reason) {
    return Eventually.nonNull(
        instance + " reports " + reason.word(),
        () -> {
          instance.annotate("example.com/look", Instant.now().toString());
          return instance
              .ready()
              .filter(ready -> ready.getReason().equals(reason.word()))
              .map(Condition::getMessage)
              .orElse(null);
        });
  }

  @Test
  @Tag("long")
  void namespaceWithoutPermissionsIsLoggedAndOtherIsServed() {
    // Given
    Instance orders = instance("orders", "all");
    Instance billing = instance("billing", "all");
    OperatorProcess operator = start(orders, billing);
    Eventually.instance(orders).isReadyFor(Reason.SUSPENDED);
    Eventually.instance(billing).isReadyFor(Reason.SUSPENDED);
    GrantedPermissions permissions = release.permissionsIn(billing.namespace());

    // When
    permissions.revoke(permissions.all());

    // Then
    changeService(billing, "1");
    changeService(orders, "1");
    Eventually.instance(orders).isReadyFor(Reason.SUSPENDED);
    Eventually.that(
        "the log names the missing permission",
        () ->
            assertThat(operator.log())
                .contains(
                    "lacks permission to patch postgresinstances/status in namespace "
                        + billing.namespace()));
    assertKeepsRunning(operator);
    permissions.restore();
    Eventually.instance(billing).isReadyFor(Reason.SUSPENDED);
  }

  private OperatorProcess start(Instance... instances) {
    release =
        Release.in(
            given.namespace(),
            values(List.of(instances).stream().map(Instance::namespace).toArray(String[]::new)));
    return release.start();
  }

  private static String[] values(String... namespaces) {
    return new String[] {
      "watchNamespaces={%s}".formatted(String.join(",", namespaces)),
      NO_CLUSTER_SCOPED_READS[0],
      NO_CLUSTER_SCOPED_READS[1]
    };
  }

  private static Instance instance(String name, String test) {
    return given
        .instanceInOwnNamespace(name + "-" + test.replace(' ', '-'))
        .suspend(true)
        .applied();
  }

  private static Permission permission(GrantedPermissions permissions, String name) {
    return permissions.all().stream()
        .filter(permission -> permission.toString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static void changeService(Instance instance, String note) {
    instance.change(spec -> spec.service("annotations", Map.of("example.com/n", note)));
  }

  private static void assertIgnores(Instance unwatched) {
    Consistently.that(
        unwatched + " is ignored",
        () -> {
          assertThat(unwatched.ready()).isEmpty();
          assertThat(unwatched.children()).containsOnlyNulls();
        });
  }

  private static void assertActsOnlyIn(
      List<String> namespaces, OperatorProcess operator, Instant begin) {
    assertThat(
            AuditLog.writesSince(begin).stream()
                .filter(write -> write.agent().equals(operator.name()))
                .filter(write -> !write.resource().startsWith("selfsubject"))
                .map(AuditLog.Request::namespace))
        .isNotEmpty()
        .isSubsetOf(namespaces);
  }

  private void assertIsPermittedOnlyIn(Instance watched, Instance unwatched) {
    List<Permission> all = release.permissionsIn(watched.namespace()).all();
    assertThat(release.isAllowedAny(all, watched.namespace())).isTrue();
    assertThat(release.isAllowedAny(all, unwatched.namespace())).isFalse();
    assertThat(release.isAllowedAny(all, null)).isFalse();
  }

  private static void assertLacksNoRequiredPermission(OperatorProcess operator) {
    assertThat(operator.log().lines().filter(line -> line.contains("lacks permission to ")))
        .allMatch(line -> line.endsWith("list nodes") || line.endsWith("get persistentvolumes"));
  }

  private static void assertKeepsRunning(OperatorProcess operator) {
    assertThat(operator.isAlive()).isTrue();
    assertThat(operator.log()).doesNotContain("\tat ");
  }
}
