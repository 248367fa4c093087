package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.GrantedPermissions;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.InstanceBuilder;
import dev.postgresinstance.tests.support.Permission;
import dev.postgresinstance.tests.support.UnaffectedServer;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Removes each permission of the chart in turn: the operator names the missing permission, does no
 * harm, and continues by itself once it has the permission again. {@link
 * MissingBackupPermissionsTest} tests those that only backups need. Isolated, because all instances
 * are affected.
 */
@Isolated
@Tag("long")
class MissingPermissionsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final AtomicInteger CHANGES = new AtomicInteger();

  private static GrantedPermissions permissions;
  private static Instance orders;

  private UnaffectedServer baseline;

  @BeforeAll
  static void instance() {
    // Given
    permissions = given.operator().permissions();
    orders = given.instance("orders").running();
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

  @AfterAll
  static void restoreOperator() {
    given.operator().stop();
    given.operator().start();
  }

  static List<Permission> permissions() {
    return permissions.all().stream()
        .filter(permission -> !MissingBackupPermissionsTest.TESTED.contains(permission.toString()))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("permissions")
  void missingPermissionIsNamed(Permission permission) {
    switch (permission.verb()) {
      case "get", "list", "watch" -> withoutReadPermission(permission);
      case "create", "patch", "delete" -> withoutWritePermission(permission);
      default ->
          throw new AssertionError("no action of this test needs permission to " + permission);
    }
  }

  private void withoutReadPermission(Permission permission) {
    switch (permission.toString()) {
      case "get postgresinstances", "get secrets" -> newInstanceWaits(permission);
      case "list postgresinstances" -> operatorWaitsAtStartWithout(permission);
      case "list events" ->
          missingPermissionIsOnlyLogged(permission, () -> newInstance(permission).running());
      case "list nodes", "get persistentvolumes" -> statusOmitsDetailWithout(permission);
      case "list services",
          "list configmaps",
          "list persistentvolumeclaims",
          "list statefulsets" -> {
        newInstanceWaits(permission);
        operatorStartsWithout(permission);
      }
      default -> operatorStartsWithout(permission);
    }
  }

  private void withoutWritePermission(Permission permission) {
    switch (permission.toString()) {
      case "patch postgresinstances/status" -> statusUpdateWaits(permission);
      case "create events" ->
          missingPermissionIsOnlyLogged(permission, MissingPermissionsTest::pauseAndResume);
      case "patch events" -> {
        pauseAndResume();
        missingPermissionIsOnlyLogged(permission, MissingPermissionsTest::pauseAndResume);
      }
      case "patch services" -> changeWaits(permission, MissingPermissionsTest::annotateService);
      case "patch configmaps" -> changeWaits(permission, MissingPermissionsTest::changeParameter);
      case "patch pods" -> {
        waitUntilKubeletUpdatesRarely();
        changeWaits(permission, MissingPermissionsTest::changeParameter);
      }
      case "patch statefulsets", "delete pods" ->
          changeWaits(
              permission,
              () -> orders.change(spec -> spec.pod("labels", Map.of("example.com/n", next("")))));
      case "patch secrets" ->
          changeWaits(
              permission, () -> orders.annotate("postgresinstance.dev/rotate-password", next("")));
      case "patch persistentvolumeclaims" ->
          changeWaits(permission, () -> orders.change(spec -> spec.deletionPolicy("Delete")));
      case "delete statefulsets" ->
          changeWaits(permission, MissingPermissionsTest::recreateStatefulSet);
      default -> newInstanceWaits(permission);
    }
  }

  /** The operator creates none of the children that follow the rejected request. */
  private void newInstanceWaits(Permission permission) {
    // Given
    permissions.revoke(permission);

    // When
    Instance desk = newInstance(permission).suspend(true).applied();

    // Then
    assertReported(desk, permission);
    baseline.assertRunsWithout(permission);
    assertThat(desk.statefulSet()).isNull();
    permissions.restore();
    Eventually.instance(desk).isReadyFor(Reason.SUSPENDED);
  }

  private void changeWaits(Permission permission, Runnable change) {
    // Given
    permissions.revoke(permission);

    // When
    change.run();

    // Then
    assertReported(orders, permission);
    baseline.assertRunsWithout(permission);
    permissions.restore();
    Eventually.instance(orders).isReady();
  }

  /** An operator that cannot observe a kind of object leaves the instance unchanged. */
  private void operatorStartsWithout(Permission permission) {
    // Given
    given.operator().stop();
    permissions.revoke(permission);

    // When
    given.operator().start();

    // Then
    assertLogged(permission);
    assertReported(orders, permission);
    Map<String, String> annotations = orders.service().getMetadata().getAnnotations();
    annotateService();
    baseline.assertRunsWithout(permission);
    assertThat(orders.service().getMetadata().getAnnotations()).isEqualTo(annotations);
    permissions.restore();
    Eventually.instance(orders).isReady();
    assertThat(orders.service().getMetadata().getAnnotations()).isNotEqualTo(annotations);
  }

  private void operatorWaitsAtStartWithout(Permission permission) {
    // Given
    given.operator().stop();
    permissions.revoke(permission);

    // When
    CompletableFuture<Void> start = CompletableFuture.runAsync(given.operator()::start);

    // Then
    assertLogged(permission);
    annotateService();
    baseline.assertRunsWithout(permission);
    assertThat(start).isNotDone();
    permissions.restore();
    Eventually.that("the operator has started", () -> assertThat(start).isCompleted());
  }

  private void statusUpdateWaits(Permission permission) {
    // Given
    permissions.revoke(permission);

    // When
    annotateService();

    // Then: everything else is done
    assertLogged(permission);
    baseline.assertRunsWithout(permission);
    assertThat(orders.service().getMetadata().getAnnotations())
        .containsEntry("example.com/n", Integer.toString(CHANGES.get()));
    assertThat(orders.resource().getStatus().observedGeneration())
        .isLessThan(orders.resource().getMetadata().getGeneration());
  }

  /** For permissions that the operator can do without. */
  private void missingPermissionIsOnlyLogged(Permission permission, Runnable change) {
    // Given
    permissions.revoke(permission);

    // When
    change.run();

    // Then
    assertLogged(permission);
    baseline.assertRunsWithout(permission);
  }

  private void statusOmitsDetailWithout(Permission permission) {
    // Given
    given.operator().stop();
    permissions.revoke(permission);

    // When
    given.operator().start();

    // Then
    Instance shelf = newInstance(permission).running();
    assertLogged(permission);
    assertThat(detail(shelf, permission)).isEmpty();
    baseline.assertKeepsPod();
    permissions.restore();
    given.operator().stop(); // it retries by itself only after some minutes
    given.operator().start();
    for (Instance instance : List.of(shelf, orders)) {
      Eventually.that(
          "the status contains the detail",
          () -> assertThat(detail(instance, permission)).isPresent());
    }
  }

  private static Optional<?> detail(Instance instance, Permission permission) {
    return permission.resource().equals("nodes")
        ? Optional.ofNullable(instance.resource().getStatus().endpoints().external())
            .map(external -> external.hosts())
            .filter(hosts -> !hosts.isEmpty())
        : Optional.ofNullable(instance.resource().getStatus().storage().reclaimPolicy());
  }

  private static void assertReported(Instance instance, Permission permission) {
    assertThat(Eventually.instance(instance).isNotReady(Reason.MISSING_RIGHT))
        .contains("lacks permission to " + permission);
  }

  private void assertLogged(Permission permission) {
    Eventually.that(
        "the log names the permission to " + permission,
        () -> assertThat(baseline.newLogs()).contains("lacks permission to " + permission));
  }

  private InstanceBuilder newInstance(Permission permission) {
    return given.instance("desk-" + permission.verb() + "-" + permission.resource());
  }

  private static void annotateService() {
    String note = next("");
    orders.change(spec -> spec.service("annotations", Map.of("example.com/n", note)));
  }

  private static void changeParameter() {
    orders.change(spec -> spec.parameter("work_mem", next("MB")));
  }

  /** Soon after the start of a pod, the kubelet may update its files without a patch of the pod. */
  private static void waitUntilKubeletUpdatesRarely() {
    Eventually.that(
        "the pod has been ready for a while",
        () ->
            assertThat(orders.pod().getStatus().getConditions())
                .filteredOn(condition -> "Ready".equals(condition.getType()))
                .allMatch(condition -> "True".equals(condition.getStatus()))
                .extracting(condition -> Instant.parse(condition.getLastTransitionTime()))
                .allMatch(since -> since.isBefore(Instant.now().minusSeconds(20))));
  }

  private static void pauseAndResume() {
    orders.change(spec -> spec.paused(true));
    Eventually.instance(orders).isReadyFor(Reason.PAUSED);
    orders.change(spec -> spec.paused(false));
    Eventually.instance(orders).isReady();
  }

  private static void recreateStatefulSet() {
    orders.change(spec -> spec.paused(true));
    Eventually.instance(orders).isReadyFor(Reason.PAUSED);
    StatefulSet altered = orders.statefulSet();
    altered.getSpec().setServiceName("other");
    Cluster.recreateAroundPod(altered);
    orders.change(spec -> spec.paused(false));
  }

  private static String next(String unit) {
    return CHANGES.incrementAndGet() + unit;
  }
}
