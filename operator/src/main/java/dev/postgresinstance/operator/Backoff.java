package dev.postgresinstance.operator;

import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.javaoperatorsdk.operator.processing.retry.Retry;
import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When a pass that failed is repeated: without end, ever later, and not for all instances at once
 * after what kept all of them from being served.
 */
final class Backoff implements Retry {

  private static final Duration FIRST = Duration.ofMillis(500);
  private static final double GROWTH = 1.5;
  private static final Duration LAST = Duration.ofSeconds(60);

  /** By up to this part of it a delay is shorter. */
  private static final double JITTER = 0.3;

  @Override
  public RetryExecution initExecution() {
    RetryExecution exact =
        new GenericRetry()
            .setInitialInterval(FIRST.toMillis())
            .setIntervalMultiplier(GROWTH)
            .setMaxInterval(LAST.toMillis())
            .withoutMaxAttempts()
            .initExecution();
    return new RetryExecution() {
      @Override
      public Optional<Long> nextDelay() {
        double random = ThreadLocalRandom.current().nextDouble();
        return exact.nextDelay().map(delay -> Math.round(delay * (1 - JITTER * random)));
      }

      @Override
      public int getAttemptCount() {
        return exact.getAttemptCount();
      }

      @Override
      public boolean isLastAttempt() {
        return exact.isLastAttempt();
      }
    };
  }
}
