package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.AuditLog;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.GrantedRights;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.OperatorProcess;
import dev.postgresinstance.tests.support.Release;
import dev.postgresinstance.tests.support.Right;
import dev.postgresinstance.tests.support.Steadily;
import dev.postgresinstance.tests.support.Toxiproxy;
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
 * An operator that serves some namespaces and has rights there alone. Alone, because it takes the
 * place of the one of all tests.
 */
@Isolated
class WatchedNamespacesTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final String[] NOTHING_OF_THE_CLUSTER = {
    "nodes.read=false", "persistentVolumes.read=false"
  };

  private Release release;

  @BeforeAll
  static void noOther() {
    given.operator().stop();
  }

  @AfterEach
  void end() {
    release.close();
  }

  @AfterAll
  static void operatorAsForAllTests() {
    given.operator().start();
  }

  @Test
  void namespacesThatAreNotNamedAreLeftAlone() {
    // Given
    Instant begin = Instant.now();
    Instance orders = given.instanceInNamespaceOfItsOwn("orders").applied();
    Instance billing = given.instanceInNamespaceOfItsOwn("billing").applied();
    Instance stranger = given.instanceInNamespaceOfItsOwn("stranger").applied();

    // When
    OperatorProcess operator = start(orders, billing);

    // Then
    Eventually.instance(orders).isReady();
    Eventually.instance(billing).isReady();
    Steadily.that(
        "the third is left alone",
        () -> {
          assertThat(stranger.ready()).isEmpty();
          assertThat(stranger.children()).containsOnlyNulls();
        });
    assertThat(
            AuditLog.writesSince(begin).stream()
                .filter(write -> write.agent().equals(operator.name()))
                .filter(write -> !write.resource().startsWith("selfsubject"))
                .map(AuditLog.Request::namespace))
        .isNotEmpty()
        .isSubsetOf(given.namespace(), orders.namespace(), billing.namespace());
    List<Right> all = release.rightsIn(orders.namespace()).all();
    assertThat(release.mayAnyOf(all, orders.namespace())).isTrue();
    assertThat(release.mayAnyOf(all, stranger.namespace())).isFalse();
    assertThat(release.mayAnyOf(all, null)).isFalse();
    assertLacksNothingThatItNeeds(operator);
  }

  @Test
  void anOperatorMayServeItsOwnNamespaceAndNoOther() {
    // Given
    Instance orders = given.instance("orders").applied();
    release = Release.in(given.namespace(), values(given.namespace()));

    // When
    OperatorProcess operator = release.start();

    // Then
    Eventually.instance(orders).isReady();
    assertLacksNothingThatItNeeds(operator);
  }

  @Test
  void aRightThatIsMissingInOneOfThemIsSaidThere() {
    whatIsMissingFromTheStartIsSaidThere("list secrets");
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"watch pods", "patch services"})
  void whatIsMissingFromTheStartIsSaidThere(String name) {
    // Given
    Instance orders = instance("orders", name);
    Instance billing = instance("billing", name);
    release = Release.in(given.namespace(), values(orders.namespace(), billing.namespace()));
    GrantedRights rights = release.rightsIn(billing.namespace());
    rights.take(right(rights, name));

    // When
    OperatorProcess operator = release.start();

    // Then
    Eventually.instance(orders).isReadyFor(Reason.SUSPENDED);
    changeService(billing, "1");
    assertThat(Eventually.instance(billing).isNotReady(Reason.MISSING_RIGHT))
        .contains("lacks the right to %s in namespace %s".formatted(name, billing.namespace()));
    changeService(orders, "1");
    Eventually.instance(orders).isReadyFor(Reason.SUSPENDED);
    assertGoesOn(operator);
    rights.giveBack();
    Eventually.instance(billing).isReadyFor(Reason.SUSPENDED);
  }

  @Test
  @Tag("long")
  void aWatchThatMayNotBeRenewedIsSaidThere() {
    // Given: watches that are open stay open, so connections have to be lost
    Instance orders = instance("orders", "renewed");
    Instance billing = instance("billing", "renewed");
    release = Release.in(given.namespace(), values(orders.namespace(), billing.namespace()));
    try (Toxiproxy way = Toxiproxy.toApiServer()) {
      OperatorProcess operator = release.start(way);
      Eventually.instance(orders).isReadyFor(Reason.SUSPENDED);
      Eventually.instance(billing).isReadyFor(Reason.SUSPENDED);
      GrantedRights rights = release.rightsIn(billing.namespace());
      rights.take(right(rights, "watch pods"));

      // When
      way.cut();
      way.mend();

      // Then
      assertThat(looked(billing, Reason.MISSING_RIGHT))
          .contains("lacks the right to watch pods in namespace " + billing.namespace());
      changeService(orders, "1");
      Eventually.instance(orders).isReadyFor(Reason.SUSPENDED);
      assertGoesOn(operator);
      rights.giveBack();
      Eventually.instance(billing).isReadyFor(Reason.SUSPENDED);
    }
  }

  /** Has the operator look again and again, which it does by itself once in a minute. */
  private static String looked(Instance instance, Reason reason) {
    Eventually.that(
        instance + " says " + reason.word(),
        () -> {
          instance.annotate("example.com/look", Instant.now().toString());
          assertThat(instance.ready().orElseThrow().getReason()).isEqualTo(reason.word());
        });
    return instance.ready().orElseThrow().getMessage();
  }

  @Test
  @Tag("long")
  void whereNothingMayBeDoneTheLogSaysSoAndTheOtherIsServed() {
    // Given
    Instance orders = instance("orders", "all");
    Instance billing = instance("billing", "all");
    OperatorProcess operator = start(orders, billing);
    Eventually.instance(orders).isReadyFor(Reason.SUSPENDED);
    Eventually.instance(billing).isReadyFor(Reason.SUSPENDED);
    GrantedRights rights = release.rightsIn(billing.namespace());

    // When
    rights.take(rights.all());

    // Then
    changeService(billing, "1");
    changeService(orders, "1");
    Eventually.instance(orders).isReadyFor(Reason.SUSPENDED);
    Eventually.that(
        "the log says so",
        () ->
            assertThat(operator.log())
                .contains(
                    "lacks the right to patch postgresinstances/status in namespace "
                        + billing.namespace()));
    assertGoesOn(operator);
    rights.giveBack();
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
      NOTHING_OF_THE_CLUSTER[0],
      NOTHING_OF_THE_CLUSTER[1]
    };
  }

  private static Instance instance(String name, String test) {
    return given
        .instanceInNamespaceOfItsOwn(name + "-" + test.replace(' ', '-'))
        .suspend(true)
        .applied();
  }

  private static Right right(GrantedRights rights, String name) {
    return rights.all().stream()
        .filter(right -> right.toString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static void changeService(Instance instance, String note) {
    instance.change(spec -> spec.service("annotations", Map.of("example.com/n", note)));
  }

  private static void assertLacksNothingThatItNeeds(OperatorProcess operator) {
    assertThat(operator.log().lines().filter(line -> line.contains("lacks the right to ")))
        .allMatch(line -> line.endsWith("list nodes") || line.endsWith("get persistentvolumes"));
  }

  private static void assertGoesOn(OperatorProcess operator) {
    assertThat(operator.isAlive()).isTrue();
    assertThat(operator.log()).doesNotContain("\tat ");
  }
}
