package dev.postgresinstance.operator.kubernetes.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadYourReadsTest {

  private final ReadYourReads readYourReads = new ReadYourReads();

  @Test
  void returnsCachedObjectThatIsNotOlder() {
    assertThat(readYourReads.latest("a", pod(7), ReadYourReadsTest::noLiveRead)).isEqualTo(pod(7));
    assertThat(readYourReads.latest("a", pod(7), ReadYourReadsTest::noLiveRead)).isEqualTo(pod(7));
    assertThat(readYourReads.latest("a", pod(10), ReadYourReadsTest::noLiveRead))
        .isEqualTo(pod(10));
    assertThat(readYourReads.latest("b", pod(9), ReadYourReadsTest::noLiveRead)).isEqualTo(pod(9));
    assertThat(readYourReads.latest("c", Optional.empty(), ReadYourReadsTest::noLiveRead))
        .isEmpty();
  }

  @Test
  void readsLiveObjectIfTheCachedOneIsOlder() {
    // Given
    readYourReads.latest("a", pod(10), ReadYourReadsTest::noLiveRead);

    // When
    Optional<Pod> read = readYourReads.latest("a", pod(9), () -> pod(12));

    // Then: as often as the cached object is older
    assertThat(read).isEqualTo(pod(12));
    assertThat(readYourReads.latest("a", pod(11), () -> pod(12))).isEqualTo(pod(12));
  }

  @Test
  void confirmsDeletionOnce() {
    // Given
    readYourReads.latest("a", pod(10), ReadYourReadsTest::noLiveRead);

    // When
    Optional<Pod> read = readYourReads.latest("a", Optional.empty(), Optional::empty);

    // Then
    assertThat(read).isEmpty();
    assertThat(readYourReads.latest("a", Optional.empty(), ReadYourReadsTest::noLiveRead))
        .isEmpty();
  }

  @Test
  void acceptsOlderLiveObjectAfterARestoreOfTheCluster() {
    // Given
    readYourReads.latest("a", pod(10), ReadYourReadsTest::noLiveRead);

    // When
    readYourReads.latest("a", pod(5), () -> pod(5));

    // Then
    assertThat(readYourReads.latest("a", pod(5), ReadYourReadsTest::noLiveRead)).isEqualTo(pod(5));
  }

  private static Optional<Pod> noLiveRead() {
    throw new AssertionError("Read from the API server");
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
