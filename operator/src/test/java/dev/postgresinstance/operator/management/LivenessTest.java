package dev.postgresinstance.operator.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LivenessTest {

  private volatile Duration longestReconciliation = Duration.ZERO;
  private final Liveness liveness =
      new Liveness(() -> longestReconciliation, Duration.ofMillis(500));
  private final CountDownLatch stuck = new CountDownLatch(1);

  @AfterEach
  void stop() {
    stuck.countDown();
    liveness.close();
  }

  @Test
  void isAliveBeforeTheFirstHeartbeat() {
    assertThat(liveness.isAlive()).isTrue();
  }

  @Test
  void isAliveWhileHeartbeatsComplete() {
    // Given
    AtomicInteger heartbeats = new AtomicInteger();

    // When
    liveness.watch(heartbeats::incrementAndGet);

    // Then
    await().until(() -> heartbeats.get() > 3);
    assertThat(liveness.isAlive()).isTrue();
  }

  @Test
  void isNotAliveIfAHeartbeatBlocks() {
    // When
    liveness.watch(
        () -> {
          try {
            stuck.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });

    // Then
    await().until(() -> !liveness.isAlive());
  }

  @Test
  void isNotAliveIfAHeartbeatFails() {
    // When
    liveness.watch(
        () -> {
          throw new IllegalStateException("thrown by the test");
        });

    // Then
    await().until(() -> !liveness.isAlive());
  }

  @Test
  void isNotAliveIfAReconciliationRunsTooLong() {
    // Given
    liveness.watch(() -> {});

    // When
    longestReconciliation = Duration.ofMinutes(10);

    // Then
    assertThat(liveness.isAlive()).isFalse();
  }
}
