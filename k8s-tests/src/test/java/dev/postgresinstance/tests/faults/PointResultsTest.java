package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PointResultsTest {

  private final PointResults results = new PointResults();

  @Test
  void passedPointsAreCountedWithoutThoseThatHadNoFault() {
    // When
    results.passed();
    results.passed();
    results.withoutFault();

    // Then
    results.assertAllPassed();
    assertThat(results).hasToString("2/2 and 1 without a fault");
  }

  @Test
  void allFailuresAreReported() {
    // Given
    AssertionError first = new AssertionError("first");
    AssertionError second = new AssertionError("second");

    // When
    results.passed();
    results.failed(first);
    results.failed(second);

    // Then
    assertThatThrownBy(results::assertAllPassed)
        .hasMessage("1/3 have passed")
        .hasSuppressedException(first)
        .hasSuppressedException(second);
  }

  @Test
  void pointsWithoutFaultDoNotPass() {
    // When
    results.withoutFault();

    // Then
    assertThatThrownBy(results::assertAllPassed).hasMessageContaining("0/0");
  }
}
