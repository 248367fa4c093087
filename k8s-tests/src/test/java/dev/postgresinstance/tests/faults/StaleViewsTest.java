package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.StaleViews;
import dev.postgresinstance.tests.support.StaleViews.View;
import dev.postgresinstance.tests.support.Steadily;
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
 * What the operator knows of one kind of object is old while it does what it is asked for: nothing
 * else comes of it, and when it knows again, all is as asked for. Alone, because what it is told of
 * everybody's objects is old.
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
  private static int begun;
  private static int passed;

  @BeforeAll
  static void operatorBehindViews() {
    given.operator().stop();
    given.operator().startBehind(views);
    flows = new AllFlows(given);
  }

  @AfterAll
  static void operatorAsForAllTests() {
    System.out.printf("stale views: %d/%d%n", passed, begun);
    given.operator().stop();
    given.operator().start();
  }

  static Stream<Arguments> points() {
    return KINDS.stream()
        .flatMap(kind -> Stream.of(View.values()).map(view -> Arguments.of(kind, view)));
  }

  @AfterEach
  void mend() {
    views.mend();
    flows.again();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("points")
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void whatIsAskedForIsDoneAndNothingElse(String kind, View view) {
    // Given
    begun++;
    flows.rest();
    views.begin(kind, view);
    flows.begin();
    live();
    if (view.needsCut()) {
      views.cut();
      Eventually.that("it watches anew", () -> assertThat(views.isWatchedAnew()).isTrue());
      live();
    }
    assertThat(views.effects()).as("events late, lost or repeated, or lists old").isPositive();

    // When
    views.mend();
    Instant end = Instant.now();

    // Then
    flows.end();
    System.out.printf(
        "%s %s: %d effects, done %s after%n",
        kind, view, views.effects(), Duration.between(end, Instant.now()));
    flows.assertNothingElse();
    passed++;
  }

  private static void live() {
    Steadily.that("the operator is alive", () -> assertThat(given.operator().isAlive()).isTrue());
  }
}
