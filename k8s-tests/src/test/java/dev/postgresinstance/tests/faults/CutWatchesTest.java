package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
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
 * The connections to the API server break repeatedly, including watches over WebSockets. Isolated,
 * because the shared operator uses these connections.
 */
@Isolated
@Tag("faults")
class CutWatchesTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final int TIMES = 4;

  private static Toxiproxy proxy;
  private static AllFlows flows;
  private static int started;
  private static int passed;

  /** The ways in which connections break. */
  enum End {
    /** Connections are reset while data arrives. */
    RESET,
    /** Connections stay open without data, until the operator opens new ones. */
    SILENT,
    /** Connections are closed, and new ones are refused for a while. */
    REFUSED
  }

  @BeforeAll
  static void operatorBehindProxy() {
    given.operator().stop();
    proxy = Toxiproxy.toApiServer();
    given.operator().startVia(proxy);
    flows = new AllFlows(given);
  }

  @AfterAll
  static void restoreSharedOperator() {
    System.out.printf("cut watches: %d/%d%n", passed, started);
    given.operator().stop();
    proxy.close();
    given.operator().start();
  }

  @AfterEach
  void restore() {
    proxy.restore();
    flows.reset();
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void flowsCompleteWithoutOtherEffects(End end) {
    // Given
    started++;
    flows.waitUntilIdle();
    long before = watches();
    flows.begin();

    // When
    for (int time = 1; time <= TIMES; time++) {
      cut(end);
      proxy.restore();
      assertOperatorStaysAlive();
    }

    // Then
    Eventually.that(
        "the operator has restarted its watches",
        () -> assertThat(watches()).isGreaterThan(before));
    flows.end();
    flows.assertNothingElse();
    passed++;
  }

  private static void cut(End end) {
    switch (end) {
      case RESET -> { // resets only connections on which data arrives
        long before = watches();
        proxy.reset();
        Eventually.that(
            "a watch was reset and restarted", () -> assertThat(watches()).isGreaterThan(before));
      }
      case SILENT -> {
        proxy.silence();
        assertOperatorStaysAlive();
      }
      case REFUSED -> {
        proxy.cut();
        assertOperatorStaysAlive();
      }
    }
  }

  private static long watches() {
    return given.operator().recorder().watches();
  }

  private static void assertOperatorStaysAlive() {
    Consistently.that(
        "the operator is alive", () -> assertThat(given.operator().isAlive()).isTrue());
  }
}
