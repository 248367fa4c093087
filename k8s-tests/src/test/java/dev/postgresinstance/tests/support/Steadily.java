package dev.postgresinstance.tests.support;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/** Watches that something holds, and goes on holding. */
public final class Steadily {

  static final Duration A_WHILE = Duration.ofSeconds(5);

  private Steadily() {}

  /** Fails at the first moment at which the assertion does not hold. */
  public static void that(String what, ThrowingRunnable assertion) {
    watch(A_WHILE, Duration.ofMillis(250), what, assertion);
  }

  /** The same for so long that a look every few seconds is enough. */
  public static void during(Duration time, String what, ThrowingRunnable assertion) {
    watch(time, A_WHILE, what, assertion);
  }

  private static void watch(
      Duration time, Duration interval, String what, ThrowingRunnable assertion) {
    Awaitility.await(what)
        .pollDelay(Duration.ZERO)
        .pollInterval(interval)
        .during(time)
        .atMost(time.multipliedBy(2))
        .failFast(what, assertion)
        .until(() -> true);
  }
}
