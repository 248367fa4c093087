package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.GrantedPermissions;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.OperatorProcess;
import dev.postgresinstance.tests.support.Permission;
import dev.postgresinstance.tests.support.Release;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An operator that cannot use its lease does nothing. Isolated, because it replaces the operator of
 * all tests and serves the whole cluster.
 */
@Isolated
@Tag("long")
class LeasePermissionsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final Duration EXIT = Duration.ofSeconds(30);

  private static Release release;
  private static GrantedPermissions permissions;

  private OperatorProcess operator;

  @BeforeAll
  static void installRelease() {
    given.operator().stop();
    release = Release.in(given.namespace());
    permissions = release.leasePermissions();
  }

  @AfterAll
  static void restoreOperator() {
    release.close();
    given.operator().start();
  }

  @AfterEach
  void stopOperator() {
    operator.close();
    permissions.restore();
  }

  static List<Permission> permissions() {
    return permissions.all();
  }

  @ParameterizedTest
  @MethodSource("permissions")
  void operatorWaitsForMissingLeasePermissionAndNamesIt(Permission permission) {
    // Given
    permissions.revoke(permission);
    Instance desk = given.instance("desk-" + permission.verb()).suspend(true).applied();

    // When
    operator = release.start();

    // Then
    Eventually.that(
        "the log names the permission",
        () -> assertThat(operator.log()).contains("lacks permission to " + permission));
    Consistently.that("the operator waits", () -> assertThat(operator.isAlive()).isTrue());
    assertThat(desk.ready()).isEmpty();
    assertThat(operator.log().lines().filter(line -> line.contains("lacks permission"))).hasSize(1);
    assertThat(operator.log()).doesNotContain("\tat ");
    permissions.restore();
    Eventually.instance(desk).isReadyFor(Reason.SUSPENDED);
  }

  @ParameterizedTest
  @MethodSource("renewing")
  void leaderThatLosesLeasePermissionNamesItAndExits(Permission permission) {
    // Given
    Instance shelf = given.instance("shelf-" + permission.verb()).suspend(true).applied();
    operator = release.start();
    Eventually.instance(shelf).isReadyFor(Reason.SUSPENDED);

    // When
    permissions.revoke(permission);

    // Then
    assertThat(operator.exitCode(EXIT)).isEqualTo(1);
    assertThat(operator.log())
        .contains("lacks permission to " + permission)
        .doesNotContain("\tat ");
  }

  /**
   * The permissions to renew the lease: an existing lease is not created, and only an operator that
   * shuts down properly updates it.
   */
  static List<Permission> renewing() {
    return permissions().stream()
        .filter(permission -> List.of("get", "patch").contains(permission.verb()))
        .toList();
  }
}
