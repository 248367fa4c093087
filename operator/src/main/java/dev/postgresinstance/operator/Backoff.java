package dev.postgresinstance.operator;

import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.javaoperatorsdk.operator.processing.retry.GenericRetryExecution;
import io.javaoperatorsdk.operator.processing.retry.Retry;
import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When a pass that failed is repeated: without end, ever later, and not for all instances at once
 * after what kept all of them from being served.
 */
final class Backoff implements Retry {

  /** In milliseconds. */
  private static final GenericRetry EXACT =
      new GenericRetry()
          .setInitialInterval(500)
          .setIntervalMultiplier(1.5)
          .setMaxInterval(60_000)
          .withoutMaxAttempts();

  /** By up to this part of it a delay is shorter. */
  private static final double JITTER = 0.3;

  @Override
  public RetryExecution initExecution() {
    return new GenericRetryExecution(EXACT) {
      @Override
      public Optional<Long> nextDelay() {
        double random = ThreadLocalRandom.current().nextDouble();
        return super.nextDelay().map(delay -> Math.round(delay * (1 - JITTER * random)));
      }
    };
  }
}
