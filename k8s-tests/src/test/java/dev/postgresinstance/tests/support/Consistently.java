package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/** Asserts that a condition keeps holding for a while. */
public final class Consistently {

  static final Duration A_WHILE = Duration.ofSeconds(5);

  private static final Duration DELAY = Duration.ofMinutes(4);

  private Consistently() {}

  /** Fails as soon as the assertion fails, within {@link #A_WHILE}. */
  public static void that(String what, ThrowingRunnable assertion) {
    check(A_WHILE, Duration.ofMillis(250), what, assertion);
  }

  /**
   * Fails as soon as the assertion fails, within a long time; checks only every {@link #A_WHILE}.
   */
  public static void during(Duration time, String what, ThrowingRunnable assertion) {
    check(time, A_WHILE, what, assertion);
  }

  /** Fails as soon as the instance has another pod than this one. */
  public static void keepsPod(Instance instance, Pod pod) {
    that(instance + " keeps its pod", () -> instance.assertHas(pod));
  }

  private static void check(
      Duration time, Duration interval, String what, ThrowingRunnable assertion) {
    Awaitility.await(what)
        .pollDelay(Duration.ZERO)
        .pollInterval(interval)
        .during(time)
        .atMost(time.plus(DELAY)) // a check may take long on a busy machine
        .failFast(what, assertion)
        .until(() -> true);
  }
}
