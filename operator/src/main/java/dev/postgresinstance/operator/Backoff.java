package dev.postgresinstance.operator;

import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.javaoperatorsdk.operator.processing.retry.GenericRetryExecution;
import io.javaoperatorsdk.operator.processing.retry.Retry;
import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When to retry a failed reconciliation: without a limit on attempts, with an exponentially growing
 * delay, and with jitter, so that not all instances retry at the same moment after an outage that
 * affected all of them.
 */
final class Backoff implements Retry {

  /**
   * Without jitter; intervals in milliseconds. No watch tells when an API server that rejected
   * requests accepts them again, so the longest interval is how late the operator may notice.
   */
  private static final GenericRetry WITHOUT_JITTER =
      new GenericRetry()
          .setInitialInterval(500)
          .setIntervalMultiplier(1.5)
          .setMaxInterval(20_000)
          .withoutMaxAttempts();

  /** The largest fraction by which jitter shortens a delay. */
  private static final double JITTER = 0.3;

  @Override
  public RetryExecution initExecution() {
    return new GenericRetryExecution(WITHOUT_JITTER) {
      @Override
      public Optional<Long> nextDelay() {
        double random = ThreadLocalRandom.current().nextDouble();
        return super.nextDelay().map(delay -> Math.round(delay * (1 - JITTER * random)));
      }
    };
  }
}
