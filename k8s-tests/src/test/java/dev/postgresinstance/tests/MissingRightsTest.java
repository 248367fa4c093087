package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.GrantedRights;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.InstanceBuilder;
import dev.postgresinstance.tests.support.Right;
import dev.postgresinstance.tests.support.Undisturbed;
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
 * Each right of the chart taken away in turn: the operator says which one it lacks, does nothing
 * wrong, and goes on by itself when it has it again. Alone, because all instances suffer from it.
 */
@Isolated
@Tag("long")
class MissingRightsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final AtomicInteger CHANGES = new AtomicInteger();

  private static GrantedRights rights;
  private static Instance orders;

  private Undisturbed before;

  @BeforeAll
  static void instance() {
    // Given
    rights = given.operator().rights();
    orders = given.instance("orders").running();
  }

  @BeforeEach
  void look() {
    before = new Undisturbed(given.operator(), orders);
  }

  @AfterEach
  void giveBack() {
    rights.giveBack();
    Eventually.instance(orders).isReady();
  }

  @AfterAll
  static void operatorAsForAllTests() {
    given.operator().stop();
    given.operator().start();
  }

  static List<Right> rights() {
    return rights.all();
  }

  @ParameterizedTest
  @MethodSource("rights")
  void aRightThatIsMissingIsNamed(Right right) {
    switch (right.verb()) {
      case "get", "list", "watch" -> withoutReading(right);
      case "create", "patch", "delete" -> withoutWriting(right);
      default -> throw new AssertionError("what needs the right to " + right + "?");
    }
  }

  private void withoutReading(Right right) {
    switch (right.toString()) {
      case "get postgresinstances", "get secrets" -> aNewInstanceWaits(right);
      case "list postgresinstances" -> theOperatorWaitsFor(right);
      case "list events" -> isMissedBeside(right, () -> newInstance(right).running());
      case "list nodes", "get persistentvolumes" -> theStatusSaysLessWithout(right);
      case "list services",
          "list configmaps",
          "list persistentvolumeclaims",
          "list statefulsets" -> {
        aNewInstanceWaits(right);
        theOperatorStartsWithout(right);
      }
      default -> theOperatorStartsWithout(right);
    }
  }

  private void withoutWriting(Right right) {
    switch (right.toString()) {
      case "patch postgresinstances/status" -> theStatusWaits(right);
      case "create events" -> isMissedBeside(right, MissingRightsTest::pauseAndGoOn);
      case "patch events" -> {
        pauseAndGoOn();
        isMissedBeside(right, MissingRightsTest::pauseAndGoOn);
      }
      case "patch services" -> aChangeWaits(right, MissingRightsTest::annotateService);
      case "patch configmaps" -> aChangeWaits(right, MissingRightsTest::changeParameter);
      case "patch pods" -> {
        waitUntilTheKubeletLooksSeldom();
        aChangeWaits(right, MissingRightsTest::changeParameter);
      }
      case "patch statefulsets", "delete pods" ->
          aChangeWaits(
              right,
              () -> orders.change(spec -> spec.pod("labels", Map.of("example.com/n", next("")))));
      case "patch secrets" ->
          aChangeWaits(
              right, () -> orders.annotate("postgresinstance.dev/rotate-password", next("")));
      case "patch persistentvolumeclaims" ->
          aChangeWaits(right, () -> orders.change(spec -> spec.deletionPolicy("Delete")));
      case "delete statefulsets" -> aChangeWaits(right, MissingRightsTest::statefulSetMadeAnew);
      default -> aNewInstanceWaits(right);
    }
  }

  /** None of its children is made that would come after what is refused. */
  private void aNewInstanceWaits(Right right) {
    // Given
    rights.take(right);

    // When
    Instance desk = newInstance(right).suspend(true).applied();

    // Then
    assertIsSaidOf(desk, right);
    before.goesOnWithout(right);
    assertThat(desk.statefulSet()).isNull();
    rights.giveBack();
    Eventually.instance(desk).isReadyFor(Reason.SUSPENDED);
  }

  private void aChangeWaits(Right right, Runnable change) {
    // Given
    rights.take(right);

    // When
    change.run();

    // Then
    assertIsSaidOf(orders, right);
    before.goesOnWithout(right);
    rights.giveBack();
    Eventually.instance(orders).isReady();
  }

  /** Whoever does not hear of what happens leaves it as it is. */
  private void theOperatorStartsWithout(Right right) {
    // Given
    given.operator().stop();
    rights.take(right);

    // When
    given.operator().start();

    // Then
    assertIsLogged(right);
    assertIsSaidOf(orders, right);
    Map<String, String> annotations = orders.service().getMetadata().getAnnotations();
    annotateService();
    before.goesOnWithout(right);
    assertThat(orders.service().getMetadata().getAnnotations()).isEqualTo(annotations);
    rights.giveBack();
    Eventually.instance(orders).isReady();
    assertThat(orders.service().getMetadata().getAnnotations()).isNotEqualTo(annotations);
  }

  private void theOperatorWaitsFor(Right right) {
    // Given
    given.operator().stop();
    rights.take(right);

    // When
    CompletableFuture<Void> start = CompletableFuture.runAsync(given.operator()::start);

    // Then
    assertIsLogged(right);
    annotateService();
    before.goesOnWithout(right);
    assertThat(start).isNotDone();
    rights.giveBack();
    Eventually.that("it has started", () -> assertThat(start).isCompleted());
  }

  private void theStatusWaits(Right right) {
    // Given
    rights.take(right);

    // When
    annotateService();

    // Then: all but that is done
    assertIsLogged(right);
    before.goesOnWithout(right);
    assertThat(orders.service().getMetadata().getAnnotations())
        .containsEntry("example.com/n", Integer.toString(CHANGES.get()));
    assertThat(orders.resource().getStatus().observedGeneration())
        .isLessThan(orders.resource().getMetadata().getGeneration());
  }

  /** What is good to know, but not needed. */
  private void isMissedBeside(Right right, Runnable change) {
    // Given
    rights.take(right);

    // When
    change.run();

    // Then
    assertIsLogged(right);
    before.goesOnWithout(right);
  }

  private void theStatusSaysLessWithout(Right right) {
    // Given
    given.operator().stop();
    rights.take(right);

    // When
    given.operator().start();

    // Then
    Instance shelf = newInstance(right).running();
    assertIsLogged(right);
    assertThat(told(shelf, right)).isEmpty();
    before.assertHasItsPod();
    rights.giveBack();
    given.operator().stop(); // it asks again in some minutes
    given.operator().start();
    for (Instance instance : List.of(shelf, orders)) {
      Eventually.that("it is told", () -> assertThat(told(instance, right)).isPresent());
    }
  }

  private static Optional<?> told(Instance instance, Right right) {
    return right.resource().equals("nodes")
        ? Optional.ofNullable(instance.resource().getStatus().endpoints().external())
            .map(external -> external.hosts())
            .filter(hosts -> !hosts.isEmpty())
        : Optional.ofNullable(instance.resource().getStatus().storage().reclaimPolicy());
  }

  private static void assertIsSaidOf(Instance instance, Right right) {
    assertThat(Eventually.instance(instance).isNotReady(Reason.MISSING_RIGHT))
        .contains("lacks the right to " + right);
  }

  private void assertIsLogged(Right right) {
    Eventually.that(
        "the log names the right to " + right,
        () -> assertThat(before.logged()).contains("lacks the right to " + right));
  }

  private InstanceBuilder newInstance(Right right) {
    return given.instance("desk-" + right.verb() + "-" + right.resource());
  }

  private static void annotateService() {
    String note = next("");
    orders.change(spec -> spec.service("annotations", Map.of("example.com/n", note)));
  }

  private static void changeParameter() {
    orders.change(spec -> spec.parameter("work_mem", next("MB")));
  }

  /** Into a pod that has just started a new configuration may come without being asked for. */
  private static void waitUntilTheKubeletLooksSeldom() {
    Eventually.that(
        "the pod has been ready for a while",
        () ->
            assertThat(orders.pod().getStatus().getConditions())
                .filteredOn(condition -> "Ready".equals(condition.getType()))
                .allMatch(condition -> "True".equals(condition.getStatus()))
                .extracting(condition -> Instant.parse(condition.getLastTransitionTime()))
                .allMatch(since -> since.isBefore(Instant.now().minusSeconds(20))));
  }

  private static void pauseAndGoOn() {
    orders.change(spec -> spec.paused(true));
    Eventually.instance(orders).isReadyFor(Reason.PAUSED);
    orders.change(spec -> spec.paused(false));
    Eventually.instance(orders).isReady();
  }

  private static void statefulSetMadeAnew() {
    orders.change(spec -> spec.paused(true));
    Eventually.instance(orders).isReadyFor(Reason.PAUSED);
    StatefulSet strange = orders.statefulSet();
    strange.getSpec().setServiceName("other");
    Cluster.makeAnewAroundItsPod(strange);
    orders.change(spec -> spec.paused(false));
  }

  private static String next(String unit) {
    return CHANGES.incrementAndGet() + unit;
  }
}
