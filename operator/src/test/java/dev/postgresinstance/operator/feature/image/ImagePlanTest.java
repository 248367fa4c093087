package dev.postgresinstance.operator.feature.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.configuration.ConfigurationPlan;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.server.Restart;
import dev.postgresinstance.operator.feature.server.ServerStatefulSet;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.RememberedRefusal;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImagePlanTest {

  private static final String WORKED = "registry.example/postgres:17.5";
  private static final String ASKED = "registry.example/postgres:17.6";
  private static final String ERROR = "ErrImagePull";

  /** When the pod was ready for its containers; the time is up a minute later. */
  private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

  private static final Instant UP = SINCE.plusSeconds(60);

  private final Snapshot snapshot = Snapshots.of("image: " + ASKED);

  @Test
  void imageThatCannotBePulledMakesRoomForTheLastThatWorked() {
    // Given
    Snapshot pulling = Snapshots.with(snapshot, waits(Pods.waiting(snapshot, ERROR, "not found")));

    // When
    ImagePlan plan = plan(pulling, UP);

    // Then
    assertThat(plan.image()).isEqualTo(WORKED);
    assertThat(plan.refusal().map(RememberedRefusal::message))
        .contains("it could not be pulled in 60 seconds: not found");
  }

  @Test
  void nobodyGivesUpBeforeTheTimeIsUp() {
    // Given
    Snapshot pulling = Snapshots.with(snapshot, waits(Pods.waiting(snapshot, ERROR, "not found")));

    // When
    ImagePlan plan = plan(pulling, UP.minusSeconds(1));

    // Then
    assertThat(plan.image()).isEqualTo(ASKED);
  }

  @Test
  void imageThatIsPulledForTooLongCountsAsWell() {
    // Given
    Snapshot pulling =
        Snapshots.with(snapshot, waits(Pods.waiting(snapshot, "ContainerCreating", null)));

    // When
    ImagePlan plan = plan(pulling, UP);

    // Then
    assertThat(plan.image()).isEqualTo(WORKED);
  }

  @Test
  void podThatWaitsForItsVolumeSaysNothingOfItsImage() {
    // Given
    Snapshot waiting = Snapshots.with(snapshot, Pods.waiting(snapshot, "ContainerCreating", null));

    // When
    ImagePlan plan = plan(waiting, UP.plusSeconds(600));

    // Then
    assertThat(plan.image()).isEqualTo(ASKED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Error/0/ImageDoesNotFit: The image has no program flock.",
        "StartError/0/exec: \"/bin/bash\": no such file",
        "Error/2/2026-01-01 00:00:00.000 UTC [7] FATAL:  incompatible"
      })
  void imageWhoseProgramsDoNotFitMakesRoom(String end) {
    // Given
    Snapshot ended = Snapshots.with(snapshot, backingOff(end));

    // When
    ImagePlan plan = plan(ended, UP);

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
  void whatIsNotTheFaultOfTheImageLeavesIt(String end) {
    // Given
    Snapshot ended = Snapshots.with(snapshot, backingOff(end));

    // When
    ImagePlan plan = plan(ended, UP);

    // Then
    assertThat(plan.image()).isEqualTo(ASKED);
  }

  @Test
  void firstImageHasNoneToGoBackTo() {
    // Given
    Snapshot pulling = Snapshots.with(snapshot, waits(Pods.waiting(snapshot, ERROR, "not found")));

    // When
    ImagePlan plan = ImagePlan.of(pulling, PostgresImages.DEFAULT, Optional.empty(), UP);

    // Then
    assertThat(plan.image()).isEqualTo(ASKED);
  }

  @Test
  void itStaysRefusedWhenThePodHasGone() {
    // When
    ImagePlan plan = plan(refused(), UP);

    // Then
    assertThat(plan.image()).isEqualTo(WORKED);
    assertThat(plan.refusal()).isPresent();
  }

  @Test
  void anotherRestartTriesItAgain() {
    // Given
    Snapshot again = refused();
    again.instance().getMetadata().setAnnotations(Map.of(Labels.RESTART, "again"));

    // When
    ImagePlan plan = plan(again, UP);

    // Then
    assertThat(plan.image()).isEqualTo(ASKED);
  }

  @Test
  void anotherImageIsTried() {
    // When
    ImagePlan plan =
        plan(Snapshots.changed(refused(), "image: registry.example/postgres:17.7"), UP);

    // Then
    assertThat(plan.image()).isEqualTo("registry.example/postgres:17.7");
  }

  @Test
  void refusedPodMakesRoomAndTheWayBackRestartsNothing() {
    // Given
    Snapshot refused = refused();
    Pod wrong = Pods.waiting(snapshot, ERROR, "not found");
    StatefulSet next = statefulSet(refused);
    Snapshot back = Snapshots.changed(refused, "image: " + WORKED);
    Pod running = pod(next);

    // When
    Restart ofWrong = restart(Snapshots.with(refused, wrong), wrong, next);
    Restart ofRunning = restart(Snapshots.with(back, running), running, statefulSet(back));

    // Then
    assertThat(ofWrong).isInstanceOf(Restart.Due.class);
    assertThat(ofRunning).isEqualTo(new Restart.None());
  }

  /** The world after the image asked for was refused, and its pod deleted. */
  private Snapshot refused() {
    Snapshot pulling = Snapshots.with(snapshot, waits(Pods.waiting(snapshot, ERROR, "not found")));
    return snapshot.with(statefulSet(pulling));
  }

  private static StatefulSet statefulSet(Snapshot snapshot) {
    return ServerStatefulSet.desired(snapshot, plan(snapshot, UP), record());
  }

  private static Restart restart(Snapshot snapshot, Pod pod, StatefulSet desired) {
    ConfigurationPlan plan = ConfigurationPlan.of(snapshot, Optional.empty());
    return Restart.of(snapshot, pod, desired, plan, Optional.empty(), Pods.NOW);
  }

  private static ImagePlan plan(Snapshot snapshot, Instant now) {
    return ImagePlan.of(snapshot, PostgresImages.DEFAULT, record(), now);
  }

  private static Optional<DataRecord> record() {
    return Optional.of(new DataRecord("73", "17", "app", "app", "", "999", WORKED, ""));
  }

  private Pod pod(StatefulSet made) {
    return new PodBuilder(Pods.started(snapshot))
        .editMetadata()
        .withAnnotations(made.getSpec().getTemplate().getMetadata().getAnnotations())
        .endMetadata()
        .withSpec(made.getSpec().getTemplate().getSpec())
        .build();
  }

  private static Pod waits(Pod pod) {
    return new PodBuilder(pod)
        .editStatus()
        .addNewCondition()
        .withType("PodReadyToStartContainers")
        .withStatus("True")
        .withLastTransitionTime(SINCE.toString())
        .endCondition()
        .endStatus()
        .build();
  }

  /** A pod that ended so: reason, number of restarts, message. */
  private Pod backingOff(String end) {
    String[] words = end.split("/", 3);
    ContainerState before = Pods.terminated(1, words[0], words[2]);
    return new PodBuilder(Pods.backingOff(snapshot, before))
        .editStatus()
        .editFirstContainerStatus()
        .withRestartCount(Integer.valueOf(words[1]))
        .endContainerStatus()
        .endStatus()
        .build();
  }
}
