package dev.postgresinstance.operator.feature.restore.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.restore.Restores;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestoreEndTest {

  private static final String INTERRUPTED =
      "{\"reason\":\"RestoreInterrupted\",\"message\":\"The other one has ended.\"}";

  private final Pod pod = Restores.pod(1, "Failed");

  @Test
  void prefersMessageOfContainerThatFailedFirst() {
    // Given
    Pod failed =
        Restores.ended(
            Restores.ended(pod, "fetch", 1, "Error", INTERRUPTED),
            "postgres",
            1,
            "Error",
            "{\"reason\":\"DiskFull\",\"message\":\"The volume is full.\"}\n");

    // Then
    assertThat(RestoreEnd.failure(failed)).isEqualTo("The volume is full.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          postgres | OOMKilled  |          | The recovery used more memory than spec.resources.limits.memory allows. Raise the limit.
          fetch    | OOMKilled  |          | Container fetch used more memory than its limit allows.
          fetch    | StartError | no java  | Container fetch ended: no java.
          """)
  void killedContainerExplainsTheOther(
      String container, String reason, String message, String words) {
    // Given
    String other = container.equals("fetch") ? "postgres" : "fetch";
    Pod failed =
        Restores.ended(
            Restores.ended(pod, other, 1, "Error", INTERRUPTED), container, 137, reason, message);

    // Then
    assertThat(RestoreEnd.failure(failed)).isEqualTo(words);
  }

  @Test
  void namesLogOfContainerWithoutMessage() {
    // Given
    Pod failed = Restores.ended(pod, "postgres", 2, "Error", null);

    // Then
    assertThat(RestoreEnd.failure(failed))
        .isEqualTo(
            "Container postgres ended with exit code 2; its log may show why: kubectl logs -n shop orders-restore-1 -c postgres");
  }

  @Test
  void reportsWhyPodWasEvicted() {
    // Given
    Pod evicted =
        new PodBuilder(pod)
            .editStatus()
            .withMessage("The node was low on memory.")
            .endStatus()
            .build();

    // Then
    assertThat(RestoreEnd.failure(evicted)).isEqualTo("The node was low on memory.");
  }

  @Test
  void successfulPodTellsWhatItHasReached() {
    // Given
    Pod succeeded =
        Restores.ended(
            Restores.ended(pod, "fetch", 0, "Completed", "{\"backup\":\"b\"}"),
            "postgres",
            0,
            "Completed",
            "{\"reachedLsn\":\"0/5\",\"reachedTime\":\"t\"}");

    // Then
    assertThat(RestoreEnd.reached(succeeded)).contains("0/5 (t)");
    assertThat(RestoreEnd.reached(Restores.failed(1, "no"))).isEmpty();
  }
}
