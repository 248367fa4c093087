package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.configuration.ConfigurationPlan;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.feature.storage.OfflineGrowth;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link Restart} of pods in which no server runs; {@link RestartTest} has the other ones. */
class RestartWithoutServerTest {

  private static final PostgresImages NEWER_DEFAULTS =
      PostgresImages.parse("17=postgres:17.99-new");

  private final Snapshot snapshot = Snapshots.of("{}");

  @Test
  void replacesPodWithoutImageWhenPullSecretsChange() {
    // Given
    Pod pod = Pods.waiting(snapshot, "ImagePullBackOff", "unauthorized");

    // When
    Optional<String> restart =
        restart(pod, Snapshots.withSpec(snapshot, "pod: {imagePullSecrets: [{name: registry}]}"));

    // Then
    assertThat(restart).contains("no server runs in it and the next pod is different");
  }

  @Test
  void replacesPodWithoutServerWhenTemplateChanges() {
    // Given
    Pod pod = Pods.waiting(snapshot, "ImagePullBackOff", "not found");

    // When
    Optional<String> restart =
        restart(snapshot, pod, desired(snapshot, NEWER_DEFAULTS, Optional.empty()));

    // Then
    assertThat(restart).contains("no server runs in it and the next pod is different");
  }

  @Test
  void keepsPodWithoutServerWhenTemplateIsUnchanged() {
    // Given
    Pod pod = Pods.waiting(snapshot, "ImagePullBackOff", "not found");

    // When
    Optional<String> restart = restart(pod, snapshot);

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void keepsPodWhenDataIsRecorded() {
    // Given
    Pod pod = Pods.backingOff(snapshot, Pods.terminated(1, "Error", ""));
    DataRecord record = new DataRecord("73", "17", "app", "app", "", "999", "", "", "");

    // When
    Optional<String> restart =
        restart(snapshot, pod, desired(snapshot, PostgresImages.DEFAULT, Optional.of(record)));

    // Then
    assertThat(restart).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"9, false", "10, true"})
  void replacesPodWhoseContainerIsNotCreatedInTenSeconds(int seconds, boolean replaced) {
    // Given
    Pod pod =
        createdAt(
            Pods.waiting(snapshot, "ContainerCreating", null), Pods.NOW.minusSeconds(seconds));

    // When
    Optional<String> restart = restart(pod, Snapshots.withSpec(snapshot, "version: '18'"));

    // Then
    assertThat(restart.isPresent()).isEqualTo(replaced);
  }

  @Test
  void replacesNewPodWhoseImageCannotBePulled() {
    // Given
    Pod pod = createdAt(Pods.waiting(snapshot, "ErrImagePull", "not found"), Pods.NOW);

    // When
    Optional<String> restart = restart(pod, Snapshots.withSpec(snapshot, "version: '18'"));

    // Then
    assertThat(restart).isPresent();
  }

  @Test
  void replacesNewPodThatNoNodeAccepts() {
    // Given
    Pod pod = createdAt(Pods.unscheduled(snapshot, "Insufficient memory"), Pods.NOW);

    // When
    Optional<String> restart =
        restart(pod, Snapshots.withSpec(snapshot, "pod: {tolerations: [{operator: Exists}]}"));

    // Then
    assertThat(restart).isPresent();
  }

  @Test
  void keepsPodWhoseContainerHasJustEnded() {
    // Given
    Pod pod = Pods.ended(snapshot, Pods.terminated(137, "Error", ""));

    // When
    Optional<String> restart = restart(pod, Snapshots.withSpec(snapshot, "version: '18'"));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void replacesCrashingPodForOfflineGrowthUnderManualPolicy() {
    // Given
    Snapshot refused =
        Snapshots.resizing(
            "1Gi",
            "2Gi",
            Map.of(OfflineGrowth.RESIZE_ERROR, "code = FailedPrecondition desc = in use"));
    Snapshot manual = Snapshots.withSpec(refused, "{storage: {size: 2Gi}, restartPolicy: Manual}");
    Pod crashing = Pods.backingOff(manual, Pods.terminated(1, "Error", "No space left on device"));

    // When
    Optional<String> restart = restart(crashing, manual);

    // Then
    assertThat(restart).isPresent();
  }

  private static Optional<String> restart(Pod pod, Snapshot snapshot) {
    return restart(snapshot, pod, desired(snapshot, PostgresImages.DEFAULT, Optional.empty()));
  }

  private static Optional<String> restart(Snapshot snapshot, Pod pod, StatefulSet desired) {
    ConfigurationPlan plan = ConfigurationPlan.of(snapshot, Optional.empty());
    return Restart.of(snapshot, pod, desired, plan, Optional.empty(), Pods.NOW)
            instanceof Restart.Due due
        ? Optional.of(due.why())
        : Optional.empty();
  }

  private static Pod createdAt(Pod pod, Instant time) {
    return new PodBuilder(pod)
        .editMetadata()
        .withCreationTimestamp(time.toString())
        .endMetadata()
        .build();
  }

  private static StatefulSet desired(
      Snapshot snapshot, PostgresImages images, Optional<DataRecord> record) {
    return Pods.statefulSet(snapshot, images, record);
  }
}
