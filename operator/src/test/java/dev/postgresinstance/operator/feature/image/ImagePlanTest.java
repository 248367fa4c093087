package dev.postgresinstance.operator.feature.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.configuration.ConfigurationPlan;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.server.Restart;
import dev.postgresinstance.operator.feature.server.ServerStatefulSet;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.RememberedRefusal;
import dev.postgresinstance.operator.instance.SharedPods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImagePlanTest {

  private static final String WORKED = "registry.example/postgres:17.5";
  private static final String REQUESTED = "registry.example/postgres:17.6";
  private static final String ERROR = "ErrImagePull";

  /** When the pod was ready to start containers; the pull times out a minute later. */
  private static final Instant READY_TO_PULL = Instant.parse("2026-01-01T00:00:00Z");

  private static final Instant TIMEOUT = READY_TO_PULL.plusSeconds(60);

  private final Snapshot snapshot = Snapshots.of("image: " + REQUESTED);

  @Test
  void shortensAnswerOfRegistry() {
    // Given
    Snapshot pulling =
        Snapshots.with(
            snapshot, readyToPull(Pods.waiting(snapshot, ERROR, "<html>".repeat(50_000))));

    // When
    ImagePlan plan = plan(pulling, TIMEOUT);

    // Then
    assertThat(plan.refusal().map(RememberedRefusal::message).orElseThrow())
        .startsWith("it could not be pulled in 60 seconds: <html><html>")
        .hasSizeLessThan(600);
  }

  @Test
  void keepsLastImageWhenNewOneCannotBePulled() {
    // Given
    Snapshot pulling =
        Snapshots.with(snapshot, readyToPull(Pods.waiting(snapshot, ERROR, "not found")));

    // When
    ImagePlan plan = plan(pulling, TIMEOUT);

    // Then
    assertThat(plan.image()).isEqualTo(WORKED);
    assertThat(plan.refusal().map(RememberedRefusal::message))
        .contains("it could not be pulled in 60 seconds: not found");
  }

  @Test
  void keepsLastImageWhenMirrorDoesNotHaveNewOne() {
    // Given
    Pod pod = SharedPods.mirrored(readyToPull(Pods.waiting(snapshot, ERROR, "not found")));

    // When
    ImagePlan plan = plan(Snapshots.with(snapshot, pod), TIMEOUT);

    // Then
    assertThat(plan.image()).isEqualTo(WORKED);
  }

  @Test
  void keepsRequestedImageWhileOtherContainerIsCreatedFirst() {
    // Given
    Pod pod =
        SharedPods.withContainer(
            readyToPull(Pods.waiting(snapshot, "ContainerCreating", null)),
            "mesh-proxy",
            SharedPods.waiting("ContainerCreating", null));

    // When
    ImagePlan plan = plan(Snapshots.with(snapshot, pod), TIMEOUT.plusSeconds(600));

    // Then
    assertThat(plan.image()).isEqualTo(REQUESTED);
  }

  @Test
  void countsTimeOfPullFromStartOfContainersBeforeTheServer() {
    // Given
    Pod creating = readyToPull(Pods.waiting(snapshot, "ContainerCreating", null));
    Instant later = READY_TO_PULL.plusSeconds(30);
    Pod behindProxy = SharedPods.withContainer(creating, "mesh-proxy", SharedPods.running(later));
    Pod behindInit = SharedPods.withCondition(creating, "Initialized", later);

    // Then
    for (Pod pod : List.of(behindProxy, behindInit)) {
      Snapshot pulling = Snapshots.with(snapshot, pod);
      assertThat(plan(pulling, TIMEOUT).image()).isEqualTo(REQUESTED);
      assertThat(plan(pulling, TIMEOUT.plusSeconds(30)).image()).isEqualTo(WORKED);
    }
  }

  @Test
  void keepsRequestedImageWhileInitContainerRuns() {
    // Given
    Pod pod = readyToPull(Pods.waiting(snapshot, "PodInitializing", null));

    // When
    ImagePlan plan = plan(Snapshots.with(snapshot, pod), TIMEOUT.plusSeconds(600));

    // Then
    assertThat(plan.image()).isEqualTo(REQUESTED);
  }

  @Test
  void keepsPullingUntilTimeout() {
    // Given
    Snapshot pulling =
        Snapshots.with(snapshot, readyToPull(Pods.waiting(snapshot, ERROR, "not found")));

    // When
    ImagePlan plan = plan(pulling, TIMEOUT.minusSeconds(1));

    // Then
    assertThat(plan.image()).isEqualTo(REQUESTED);
  }

  @Test
  void keepsLastImageWhenPullTakesTooLong() {
    // Given
    Snapshot pulling =
        Snapshots.with(snapshot, readyToPull(Pods.waiting(snapshot, "ContainerCreating", null)));

    // When
    ImagePlan plan = plan(pulling, TIMEOUT);

    // Then
    assertThat(plan.image()).isEqualTo(WORKED);
  }

  @Test
  void keepsRequestedImageWhilePodWaitsForVolume() {
    // Given
    Snapshot waiting = Snapshots.with(snapshot, Pods.waiting(snapshot, "ContainerCreating", null));

    // When
    ImagePlan plan = plan(waiting, TIMEOUT.plusSeconds(600));

    // Then
    assertThat(plan.image()).isEqualTo(REQUESTED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Error/0/ImageDoesNotFit: The image has no program flock.",
        "StartError/0/exec: \"/bin/bash\": no such file",
        "Error/2/2026-01-01 00:00:00.000 UTC [7] FATAL:  incompatible"
      })
  void keepsLastImageWhenNewOneDoesNotStart(String end) {
    // Given
    Snapshot ended = Snapshots.with(snapshot, backingOff(end));

    // When
    ImagePlan plan = plan(ended, TIMEOUT);

    // Then
    assertThat(plan.image()).isEqualTo(WORKED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Error/1/2026-01-01 00:00:00.000 UTC [7] FATAL:  its configuration may be to blame",
        "Error/5/VolumeLocked: Another container uses this volume.",
        "Error/5/2026-01-01 00:00:00.000 UTC [7] PANIC:  x: No space left on device",
        "OOMKilled/5/"
      })
  void keepsRequestedImageWhenServerEndsForAnotherReason(String end) {
    // Given
    Snapshot ended = Snapshots.with(snapshot, backingOff(end));

    // When
    ImagePlan plan = plan(ended, TIMEOUT);

    // Then
    assertThat(plan.image()).isEqualTo(REQUESTED);
  }

  @Test
  void keepsRequestedImageWhenNoImageHasWorked() {
    // Given
    Snapshot pulling =
        Snapshots.with(snapshot, readyToPull(Pods.waiting(snapshot, ERROR, "not found")));

    // When
    ImagePlan plan = ImagePlan.of(pulling, PostgresImages.DEFAULT, Optional.empty(), TIMEOUT);

    // Then
    assertThat(plan.image()).isEqualTo(REQUESTED);
  }

  @Test
  void remembersRefusalWhenPodIsGone() {
    // When
    ImagePlan plan = plan(refused(), TIMEOUT);

    // Then
    assertThat(plan.image()).isEqualTo(WORKED);
    assertThat(plan.refusal()).isPresent();
  }

  @Test
  void triesRefusedImageAgainAfterRestartRequest() {
    // Given
    Snapshot again = refused();
    again.instance().getMetadata().setAnnotations(Map.of(Labels.RESTART, "again"));

    // When
    ImagePlan plan = plan(again, TIMEOUT);

    // Then
    assertThat(plan.image()).isEqualTo(REQUESTED);
  }

  @Test
  void triesAnotherImageAfterRefusal() {
    // When
    ImagePlan plan =
        plan(Snapshots.withSpec(refused(), "image: registry.example/postgres:17.7"), TIMEOUT);

    // Then
    assertThat(plan.image()).isEqualTo("registry.example/postgres:17.7");
  }

  @Test
  void replacesPodOfRefusedImageButNotPodOfLastImage() {
    // Given
    Snapshot refused = refused();
    Pod wrong = Pods.waiting(snapshot, ERROR, "not found");
    StatefulSet next = statefulSet(refused);
    Snapshot back = Snapshots.withSpec(refused, "image: " + WORKED);
    Pod running = pod(next);

    // When
    Restart ofWrong = restart(Snapshots.with(refused, wrong), wrong, next);
    Restart ofRunning = restart(Snapshots.with(back, running), running, statefulSet(back));

    // Then
    assertThat(ofWrong).isInstanceOf(Restart.Due.class);
    assertThat(ofRunning).isEqualTo(new Restart.None());
  }

  /** The snapshot after the requested image was refused and its pod deleted. */
  private Snapshot refused() {
    Snapshot pulling =
        Snapshots.with(snapshot, readyToPull(Pods.waiting(snapshot, ERROR, "not found")));
    return snapshot.with(statefulSet(pulling));
  }

  private static StatefulSet statefulSet(Snapshot snapshot) {
    return ServerStatefulSet.desired(snapshot, plan(snapshot, TIMEOUT), record());
  }

  private static Restart restart(Snapshot snapshot, Pod pod, StatefulSet desired) {
    ConfigurationPlan plan = ConfigurationPlan.of(snapshot, Optional.empty());
    return Restart.of(snapshot, pod, desired, plan, Optional.empty(), Pods.NOW);
  }

  private static ImagePlan plan(Snapshot snapshot, Instant now) {
    return ImagePlan.of(snapshot, PostgresImages.DEFAULT, record(), now);
  }

  private static Optional<DataRecord> record() {
    return Optional.of(new DataRecord("73", "17", "app", "app", "", "999", WORKED, "", ""));
  }

  private Pod pod(StatefulSet statefulSet) {
    return new PodBuilder(Pods.started(snapshot))
        .editMetadata()
        .withAnnotations(statefulSet.getSpec().getTemplate().getMetadata().getAnnotations())
        .endMetadata()
        .withSpec(statefulSet.getSpec().getTemplate().getSpec())
        .build();
  }

  private static Pod readyToPull(Pod pod) {
    return new PodBuilder(pod)
        .editStatus()
        .addNewCondition()
        .withType("PodReadyToStartContainers")
        .withStatus("True")
        .withLastTransitionTime(READY_TO_PULL.toString())
        .endCondition()
        .endStatus()
        .build();
  }

  /** A pod whose container ended: {@code REASON/RESTARTS/MESSAGE}. */
  private Pod backingOff(String end) {
    String[] parts = end.split("/", 3);
    ContainerState before = Pods.terminated(1, parts[0], parts[2]);
    return new PodBuilder(Pods.backingOff(snapshot, before))
        .editStatus()
        .editFirstContainerStatus()
        .withRestartCount(Integer.valueOf(parts[1]))
        .endContainerStatus()
        .endStatus()
        .build();
  }
}
