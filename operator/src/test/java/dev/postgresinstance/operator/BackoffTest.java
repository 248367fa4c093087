package dev.postgresinstance.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {

  @Test
  void retriesWithoutLimitAndWaitsAtMostTwentySeconds() {
    // Given
    RetryExecution retry = new Backoff().initExecution();

    // When
    List<Long> delays = delays(retry, 1_000);

    // Then
    assertThat(delays).hasSize(1_000).allMatch(delay -> delay <= 20_000);
    assertThat(delays.getFirst()).isBetween(350L, 500L);
    assertThat(delays.subList(20, 1_000)).allMatch(delay -> delay >= 14_000);
    assertThat(retry.isLastAttempt()).isFalse();
  }

  @Test
  void delaysDifferBetweenInstances() {
    // When
    List<List<Long>> delays =
        Stream.generate(() -> delays(new Backoff().initExecution(), 20)).limit(10).toList();

    // Then
    assertThat(delays).doesNotHaveDuplicates();
  }

  private static List<Long> delays(RetryExecution retry, int number) {
    return Stream.generate(() -> retry.nextDelay().orElseThrow()).limit(number).toList();
  }
}
