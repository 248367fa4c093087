package dev.postgresinstance.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadYourReadsTest {

  private final ReadYourReads latest = new ReadYourReads();

  @Test
  void whatIsNotOlderIsTakenFromTheCache() {
    assertThat(latest.of("a", pod(7), ReadYourReadsTest::nobodyIsAsked)).isEqualTo(pod(7));
    assertThat(latest.of("a", pod(7), ReadYourReadsTest::nobodyIsAsked)).isEqualTo(pod(7));
    assertThat(latest.of("a", pod(10), ReadYourReadsTest::nobodyIsAsked)).isEqualTo(pod(10));
    assertThat(latest.of("b", pod(9), ReadYourReadsTest::nobodyIsAsked)).isEqualTo(pod(9));
    assertThat(latest.of("c", Optional.empty(), ReadYourReadsTest::nobodyIsAsked)).isEmpty();
  }

  @Test
  void whatIsOlderIsAskedFor() {
    // Given
    latest.of("a", pod(10), ReadYourReadsTest::nobodyIsAsked);

    // When
    Optional<Pod> read = latest.of("a", pod(9), () -> pod(12));

    // Then: and again
    assertThat(read).isEqualTo(pod(12));
    assertThat(latest.of("a", pod(11), () -> pod(12))).isEqualTo(pod(12));
  }

  @Test
  void whatIsGoneIsAskedForOnce() {
    // Given
    latest.of("a", pod(10), ReadYourReadsTest::nobodyIsAsked);

    // When
    Optional<Pod> read = latest.of("a", Optional.empty(), Optional::empty);

    // Then
    assertThat(read).isEmpty();
    assertThat(latest.of("a", Optional.empty(), ReadYourReadsTest::nobodyIsAsked)).isEmpty();
  }

  @Test
  void anApiServerWhoseStateIsFromABackupIsBelieved() {
    // Given
    latest.of("a", pod(10), ReadYourReadsTest::nobodyIsAsked);

    // When
    latest.of("a", pod(5), () -> pod(5));

    // Then
    assertThat(latest.of("a", pod(5), ReadYourReadsTest::nobodyIsAsked)).isEqualTo(pod(5));
  }

  private static Optional<Pod> nobodyIsAsked() {
    throw new AssertionError("the API server was asked");
  }

  private static Optional<Pod> pod(int version) {
    return Optional.of(
        new PodBuilder()
            .withNewMetadata()
            .withResourceVersion(Integer.toString(version))
            .endMetadata()
            .build());
  }
}
