package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.StaleViews;
import dev.postgresinstance.tests.support.StaleViews.View;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The operator's view of one kind of object is stale while it reconciles changes: this has no other
 * effects, and when the view is current again, the requested state is reached. Isolated, because
 * the view of the shared operator is stale.
 */
@Isolated
@Tag("faults")
class StaleViewsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final List<String> KINDS =
      List.of(
          "postgresinstances",
          "services",
          "persistentvolumeclaims",
          "secrets",
          "configmaps",
          "statefulsets",
          "pods");

  private static final StaleViews views = new StaleViews();

  private static AllFlows flows;
  private static int started;
  private static int passed;

  @BeforeAll
  static void operatorBehindViews() {
    given.operator().stop();
    given.operator().startBehind(views);
    flows = new AllFlows(given);
  }

  @AfterAll
  static void restoreSharedOperator() {
    System.out.printf("stale views: %d/%d%n", passed, started);
    given.operator().stop();
    given.operator().start();
  }

  static Stream<Arguments> points() {
    return KINDS.stream()
        .flatMap(kind -> Stream.of(View.values()).map(view -> Arguments.of(kind, view)));
  }

  @AfterEach
  void restore() {
    views.restore();
    flows.reset();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("points")
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void flowsCompleteWithoutOtherEffects(String kind, View view) {
    // Given
    started++;
    flows.waitUntilIdle();
    views.begin(kind, view);
    flows.begin();
    assertOperatorStaysAlive();
    if (view.needsCut()) {
      views.cut();
      Eventually.that(
          "the operator has restarted its watches",
          () -> assertThat(views.isWatchedAgain()).isTrue());
      assertOperatorStaysAlive();
    }
    assertThat(views.effects()).as("late, lost or repeated events, and old lists").isPositive();

    // When
    views.restore();
    Instant end = Instant.now();

    // Then
    flows.end();
    System.out.printf(
        "%s %s: %d effects, done %s after%n",
        kind, view, views.effects(), Duration.between(end, Instant.now()));
    flows.assertNothingElse();
    passed++;
  }

  private static void assertOperatorStaysAlive() {
    Consistently.that(
        "the operator is alive", () -> assertThat(given.operator().isAlive()).isTrue());
  }
}
