package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.StaleViews;
import dev.postgresinstance.tests.support.StaleViews.View;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The operator may act on stale reads: an outdated password, or an instance that a user has changed
 * since. Isolated, because meanwhile the operator receives no events about the Secrets or instances
 * of any test.
 */
@Isolated
class StaleReadsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final StaleViews views = new StaleViews();

  @BeforeAll
  static void startOperatorBehindStaleViews() {
    given.operator().stop();
    given.operator().startBehind(views);
  }

  @AfterEach
  void restore() {
    views.restore();
  }

  @AfterAll
  static void restoreOperator() {
    given.operator().stop();
    given.operator().start();
  }

  @Test
  void outdatedPasswordIsNotSetAgain() {
    // Given: a new password, about which the operator receives no event
    Instance orders = given.instance("orders").running();
    String old = orders.credentials().get("password");
    given.operator().recorder().waitUntilQuietIn(given.namespace());
    views.begin("secrets", View.FROZEN);
    publish(orders, "the new one");

    // When
    Cluster.psql(orders, "ALTER ROLE app PASSWORD 'the new one'");

    // Then: the old password is not set, not even after a restart
    assertOperatorLoginKeepsFailing(orders, old);
    Pod before = Cluster.killPod(orders);
    Eventually.instance(orders).hasPodOtherThan(before);
    assertOperatorLoginKeepsFailing(orders, old);

    views.restore();
    Eventually.instance(orders)
        .hasCondition(ConditionType.CREDENTIALS_IN_SYNC, Reason.PROVEN)
        .isReady()
        .acceptsLogins();
    assertThat(orders.credentials()).containsEntry("password", "the new one");
    assertLoginRejected(orders, old);
  }

  @Test
  void rotatedPasswordIsKept() {
    // Given
    Instance desk = given.instance("desk").running();
    String old = desk.credentials().get("password");
    given.operator().recorder().waitUntilQuietIn(given.namespace());
    views.begin("secrets", View.FROZEN);

    // When
    desk.annotate("postgresinstance.dev/rotate-password", "spring");

    // Then: the new password is kept, and there is no further rotation
    Eventually.that(
        "a new password is published",
        () -> {
          triggerReconciliation(desk);
          assertThat(desk.credentials().get("password")).isNotEqualTo(old);
        });
    String rotated = desk.credentials().get("password");
    assertOnlyPublishedPasswordLogsIn(desk, old);
    Pod before = Cluster.killPod(desk);
    Eventually.instance(desk).isReadyWithNewPod(before);
    assertOnlyPublishedPasswordLogsIn(desk, old);

    views.restore();
    assertOnlyPublishedPasswordLogsIn(desk, old);
    Eventually.instance(desk).isReady();
    assertThat(desk.credentials()).containsEntry("password", rotated);
  }

  @Test
  void problemOfInstanceThatHasChangedSinceIsReported() {
    // Given: a change about which the operator receives no event
    Instance shelf = given.instance("shelf").running();
    given.operator().recorder().waitUntilQuietIn(given.namespace());
    views.begin("postgresinstances", View.FROZEN);
    shelf.change(spec -> spec.parameter("work_mem", "5MB"));

    // When
    Cluster.freeze(shelf);

    // Then
    try {
      Eventually.instance(shelf)
          .conditionMessage(ConditionType.AVAILABLE, Reason.OPERATOR_CANNOT_CONNECT);
    } finally {
      Cluster.thaw(shelf);
    }
    // The change takes effect, too: the operator has read the instance again.
    Eventually.instance(shelf).isReady();
    assertThat(Cluster.psql(shelf, "SHOW work_mem")).isEqualTo("5MB");
  }

  @Test
  void instanceRecreatedWithoutEventsIsReconciled() {
    // Given: an instance without logins, because a login would trigger a reconciliation
    Instance chair = given.instance("chair").suspend(true).applied();
    Eventually.instance(chair).isReadyFor(Reason.SUSPENDED);
    given.operator().recorder().waitUntilQuietIn(given.namespace());
    views.begin("postgresinstances", View.GAP);
    chair.delete();
    Eventually.that(
        "only the retained children are left",
        () -> assertThat(chair.children()).filteredOn(Objects::nonNull).hasSize(4));
    chair.apply();

    // When
    views.cut();

    // Then
    Eventually.instance(chair).isReadyFor(Reason.SUSPENDED);
  }

  private static void publish(Instance instance, String password) {
    Cluster.editPassword(instance.appSecret(), password);
  }

  /** The operator keeps trying the old password, and does not change the database. */
  private static void assertOperatorLoginKeepsFailing(Instance instance, String old) {
    Eventually.that(
        "the server has rejected the login of the operator",
        () ->
            assertThat(Cluster.log(instance))
                .contains("password authentication failed for user \"app\""));
    triggerReconciliation(instance);
    assertOnlyPublishedPasswordLogsIn(instance, old);
    Eventually.instance(instance)
        .conditionMessage(ConditionType.CREDENTIALS_IN_SYNC, Reason.LOGIN_REFUSED);
  }

  /** Triggers a reconciliation: the operator receives no events about its own writes either. */
  private static void triggerReconciliation(Instance instance) {
    instance.annotate("example.com/look", Instant.now().toString());
  }

  private static void assertOnlyPublishedPasswordLogsIn(Instance instance, String old) {
    Consistently.that(
        "the published password logs in, and not the old one",
        () -> {
          Client.connect(instance).close();
          assertLoginRejected(instance, old);
        });
  }

  private static void assertLoginRejected(Instance instance, String password) {
    String address = instance.resource().getStatus().endpoints().address();
    assertThatThrownBy(() -> Client.connect(address, "app", "app", password))
        .hasMessageContaining("password authentication failed");
  }
}
