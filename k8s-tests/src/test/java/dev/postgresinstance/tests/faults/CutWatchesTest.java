package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Steadily;
import dev.postgresinstance.tests.support.Toxiproxy;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The connections to the API server end again and again, watches over WebSockets among them. Alone,
 * because the operator of all tests has them.
 */
@Isolated
@Tag("faults")
class CutWatchesTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final int TIMES = 4;

  private static Toxiproxy way;
  private static AllFlows flows;
  private static int begun;
  private static int passed;

  /** How they end. */
  enum End {
    /** In the middle of what comes. */
    RESET,
    /** Nobody tells, until they are made anew. */
    SILENT,
    /** For a while none can be made. */
    REFUSED
  }

  @BeforeAll
  static void operatorBehindProxy() {
    given.operator().stop();
    way = Toxiproxy.toApiServer();
    given.operator().startVia(way);
    flows = new AllFlows(given);
  }

  @AfterAll
  static void operatorAsForAllTests() {
    System.out.printf("cut watches: %d/%d%n", passed, begun);
    given.operator().stop();
    way.close();
    given.operator().start();
  }

  @AfterEach
  void mend() {
    way.mend();
    flows.again();
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void whatIsAskedForIsDoneAndNothingElse(End end) {
    // Given
    begun++;
    flows.rest();
    long before = watches();
    flows.begin();

    // When
    for (int time = 1; time <= TIMES; time++) {
      cut(end);
      way.mend();
      live();
    }

    // Then
    Eventually.that("it watches anew", () -> assertThat(watches()).isGreaterThan(before));
    flows.end();
    flows.assertNothingElse();
    passed++;
  }

  private static void cut(End end) {
    switch (end) {
      case RESET -> { // those on which something comes
        long before = watches();
        way.reset();
        Eventually.that(
            "one was reset, and comes again", () -> assertThat(watches()).isGreaterThan(before));
      }
      case SILENT -> {
        way.silence();
        live();
      }
      case REFUSED -> {
        way.cut();
        live();
      }
    }
  }

  private static long watches() {
    return given.operator().recorder().watches();
  }

  private static void live() {
    Steadily.that("the operator is alive", () -> assertThat(given.operator().isAlive()).isTrue());
  }
}
