package dev.postgresinstance.operator.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LivenessTest {

  private volatile Duration longestPass = Duration.ZERO;
  private final Liveness liveness = new Liveness(() -> longestPass, Duration.ofMillis(100));
  private final CountDownLatch stuck = new CountDownLatch(1);

  @AfterEach
  void end() {
    stuck.countDown();
    liveness.close();
  }

  @Test
  void isAliveBeforeAnythingHasBegun() {
    assertThat(liveness.isAlive()).isTrue();
  }

  @Test
  void isAliveWhileBeatsComeToTheirEnd() {
    // Given
    AtomicInteger beats = new AtomicInteger();

    // When
    liveness.watch(beats::incrementAndGet);

    // Then
    await().until(() -> beats.get() > 10);
    assertThat(liveness.isAlive()).isTrue();
  }

  @Test
  void isStuckWhenABeatDoesNotComeToItsEnd() {
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
  void isStuckWhenABeatFails() {
    // When
    liveness.watch(
        () -> {
          throw new IllegalStateException("made by a test");
        });

    // Then
    await().until(() -> !liveness.isAlive());
  }

  @Test
  void isStuckWhenAPassGoesOnForEver() {
    // Given
    liveness.watch(() -> {});

    // When
    longestPass = Duration.ofMinutes(10);

    // Then
    assertThat(liveness.isAlive()).isFalse();
  }
}
