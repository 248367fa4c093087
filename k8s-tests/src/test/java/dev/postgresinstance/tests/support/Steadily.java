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
    Awaitility.await(what)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(250))
        .during(A_WHILE)
        .atMost(A_WHILE.multipliedBy(2))
        .failFast(what, assertion)
        .until(() -> true);
  }
}
