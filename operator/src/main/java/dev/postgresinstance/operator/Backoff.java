package dev.postgresinstance.operator;

import io.javaoperatorsdk.operator.processing.retry.Retry;
import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When a pass that failed is repeated: without end, ever later, and not for all instances at once
 * after what kept all of them from being served.
 */
final class Backoff implements Retry {

  private static final double FIRST_MILLIS = 500;
  private static final double GROWTH = 1.5;
  private static final double LAST_MILLIS = 60_000;

  /** By up to this part of it a delay is shorter. */
  private static final double JITTER = 0.3;

  @Override
  public RetryExecution initExecution() {
    return new RetryExecution() {
      private int attempts;

      @Override
      public Optional<Long> nextDelay() {
        double exact = Math.min(FIRST_MILLIS * Math.pow(GROWTH, attempts++), LAST_MILLIS);
        double random = ThreadLocalRandom.current().nextDouble();
        return Optional.of(Math.round(exact * (1 - JITTER * random)));
      }

      @Override
      public int getAttemptCount() {
        return attempts;
      }

      @Override
      public boolean isLastAttempt() {
        return false;
      }
    };
  }
}
