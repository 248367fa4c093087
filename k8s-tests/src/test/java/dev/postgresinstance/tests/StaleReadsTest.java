package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.StaleViews;
import dev.postgresinstance.tests.support.StaleViews.View;
import dev.postgresinstance.tests.support.Steadily;
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
 * What the operator has read may be old: a password that is none any more, an instance that a
 * person has changed since. Alone, because nobody's Secrets or instances are heard of meanwhile.
 */
@Isolated
class StaleReadsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final StaleViews views = new StaleViews();

  @BeforeAll
  static void operatorBehindViews() {
    given.operator().stop();
    given.operator().startBehind(views);
  }

  @AfterEach
  void mend() {
    views.mend();
  }

  @AfterAll
  static void operatorAsForAllTests() {
    given.operator().stop();
    given.operator().start();
  }

  @Test
  void anOldPasswordIsNotSetAgain() {
    // Given: another password, of which the operator does not hear
    Instance orders = given.instance("orders").running();
    String old = orders.credentials().get("password");
    given.operator().recorder().waitUntilQuietIn(given.namespace());
    views.begin("secrets", View.FROZEN);
    publish(orders, "the new one");

    // When
    Cluster.psql(orders, "ALTER ROLE app PASSWORD 'the new one'");

    // Then: nor after a restart
    staysWithoutTheOperatorsLogin(orders, old);
    Pod before = Cluster.killPod(orders);
    Eventually.instance(orders).hasPodOtherThan(before);
    staysWithoutTheOperatorsLogin(orders, old);

    views.mend();
    Eventually.instance(orders)
        .saysOf(ConditionType.CREDENTIALS_IN_SYNC, Reason.PROVEN)
        .isReady()
        .acceptsLogins();
    assertThat(orders.credentials()).containsEntry("password", "the new one");
    assertRefused(orders, old);
  }

  @Test
  void aPasswordThatTheOperatorHasMadeAnewStays() {
    // Given
    Instance desk = given.instance("desk").running();
    String old = desk.credentials().get("password");
    given.operator().recorder().waitUntilQuietIn(given.namespace());
    views.begin("secrets", View.FROZEN);

    // When
    desk.annotate("postgresinstance.dev/rotate-password", "spring");

    // Then: nor is it made anew once more
    Eventually.that(
        "another password is published",
        () -> {
          look(desk);
          assertThat(desk.credentials().get("password")).isNotEqualTo(old);
        });
    String made = desk.credentials().get("password");
    onlyThePublishedPasswordLogsIn(desk, old);
    Pod before = Cluster.killPod(desk);
    Eventually.instance(desk).isReadyWithoutPod(before);
    onlyThePublishedPasswordLogsIn(desk, old);

    views.mend();
    onlyThePublishedPasswordLogsIn(desk, old);
    Eventually.instance(desk).isReady();
    assertThat(desk.credentials()).containsEntry("password", made);
  }

  @Test
  void whatIsWrongIsSaidOfAnInstanceThatHasChangedSince() {
    // Given: a change of which the operator does not hear
    Instance shelf = given.instance("shelf").running();
    given.operator().recorder().waitUntilQuietIn(given.namespace());
    views.begin("postgresinstances", View.FROZEN);
    shelf.change(spec -> spec.parameter("work_mem", "5MB"));

    // When
    Cluster.freeze(shelf);

    // Then
    try {
      Eventually.instance(shelf).says(ConditionType.AVAILABLE, Reason.OPERATOR_CANNOT_CONNECT);
    } finally {
      Cluster.thaw(shelf);
    }
    // Nor is it told late what to do: it has looked.
    Eventually.instance(shelf).isReady();
    assertThat(Cluster.psql(shelf, "SHOW work_mem")).isEqualTo("5MB");
  }

  @Test
  void anInstanceThatWasMadeAnewUnheardIsServed() {
    // Given: one without logins, which would have the operator look at it
    Instance chair = given.instance("chair").suspend(true).applied();
    Eventually.instance(chair).isReadyFor(Reason.SUSPENDED);
    given.operator().recorder().waitUntilQuietIn(given.namespace());
    views.begin("postgresinstances", View.GAP);
    chair.delete();
    Eventually.that(
        "what does not stay is gone",
        () -> assertThat(chair.children()).filteredOn(Objects::nonNull).hasSize(3));
    chair.apply();

    // When
    views.cut();

    // Then
    Eventually.instance(chair).isReadyFor(Reason.SUSPENDED);
  }

  private static void publish(Instance instance, String password) {
    Cluster.editPassword(instance.appSecret(), password);
  }

  /** The operator comes with the old password, again and again, and leaves the database alone. */
  private static void staysWithoutTheOperatorsLogin(Instance instance, String old) {
    Eventually.that(
        "the server has refused the operator",
        () ->
            assertThat(Cluster.log(instance))
                .contains("password authentication failed for user \"app\""));
    look(instance);
    onlyThePublishedPasswordLogsIn(instance, old);
    Eventually.instance(instance).says(ConditionType.CREDENTIALS_IN_SYNC, Reason.LOGIN_REFUSED);
  }

  /** Has the operator make a pass: of its own writes it does not hear either. */
  private static void look(Instance instance) {
    instance.annotate("example.com/look", Instant.now().toString());
  }

  private static void onlyThePublishedPasswordLogsIn(Instance instance, String old) {
    Steadily.that(
        "the published password logs in, and not the old one",
        () -> {
          Client.connect(instance).close();
          assertRefused(instance, old);
        });
  }

  private static void assertRefused(Instance instance, String password) {
    String address = instance.resource().getStatus().endpoints().address();
    assertThatThrownBy(() -> Client.connect(address, "app", "app", password))
        .hasMessageContaining("password authentication failed");
  }
}
