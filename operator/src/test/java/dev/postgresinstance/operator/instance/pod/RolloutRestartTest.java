package dev.postgresinstance.operator.instance.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolloutRestartTest {

  private static final String ANNOTATION = RolloutRestart.ANNOTATION;
  private static final String EARLIER = "2026-01-01T00:00:00+01:00";
  private static final String LATER = "2026-01-01T00:00:00Z";

  private final Snapshot snapshot = Snapshots.of("{}");
  private final Pod pod = Pods.started(snapshot);

  @Test
  void isDueForPodThatWasCreatedBeforeTheRequest() {
    // Given
    StatefulSet requested = requested(LATER, "");

    // Then
    assertThat(RolloutRestart.isDue(snapshot, pod, requested)).isTrue();
    assertThat(RolloutRestart.isDue(snapshot, created(EARLIER), requested)).isTrue();
    assertThat(RolloutRestart.isDue(snapshot, created(LATER), requested)).isFalse();
  }

  @Test
  void isNotDueWithoutRequest() {
    assertThat(RolloutRestart.isDue(snapshot, pod, requested("", ""))).isFalse();
    assertThat(RolloutRestart.isDue(snapshot, pod, requested(" ", ""))).isFalse();
  }

  @Test
  void isDueForValueThatIsNoTime() {
    assertThat(RolloutRestart.isDue(snapshot, created("first"), requested("second", ""))).isTrue();
    assertThat(RolloutRestart.isDue(snapshot, created(LATER), requested("second", ""))).isTrue();
  }

  @Test
  void isNotDueForRequestBeforeTheUpgradeOfTheOperator() {
    // Given: the earlier operator has ignored the request, and recorded none
    StatefulSet present = unrecorded(requested(LATER, ""));

    // When
    String settled = settled(Optional.of(pod), present);

    // Then
    assertThat(settled).isEqualTo(LATER);
    assertThat(RolloutRestart.isDue(snapshot, pod, present)).isFalse();
    assertThat(RolloutRestart.isDue(snapshot, pod, requested(LATER, LATER))).isFalse();
  }

  @Test
  void isDueForRequestAfterTheUpgradeOfTheOperator() {
    assertThat(RolloutRestart.isDue(snapshot, pod, requested(LATER, EARLIER))).isTrue();
  }

  @Test
  void isNotDueWhenAnEarlierTemplateIsRestored() {
    assertThat(RolloutRestart.isDue(snapshot, created(LATER), requested(EARLIER, LATER))).isFalse();
  }

  @Test
  void isNotDueForAnnotationThatTheSpecSets() {
    // Given
    Snapshot set =
        Snapshots.withSpec(snapshot, "pod: {annotations: {%s: x}}".formatted(ANNOTATION));

    // Then
    assertThat(RolloutRestart.isDue(set, pod, requested("x", ""))).isFalse();
  }

  @Test
  void recordsRequestWhenPodHasHadItOrIsGone() {
    // Given
    StatefulSet requested = requested(LATER, EARLIER);

    // Then: not before, or another operator process would forget the request
    assertThat(settled(Optional.of(pod), requested)).isEqualTo(EARLIER);
    assertThat(settled(Optional.of(created(LATER)), requested)).isEqualTo(LATER);
    assertThat(settled(Optional.of(Pods.terminating(pod)), requested)).isEqualTo(LATER);
    assertThat(settled(Optional.empty(), requested)).isEqualTo(LATER);
  }

  @Test
  void recordsThatThereWasNoRequest() {
    assertThat(RolloutRestart.settled(snapshot)).isEmpty();
    assertThat(settled(Optional.of(pod), unrecorded(requested("", "")))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"19, false", "20, true"})
  void leavesServerRunningForSomeTime(int seconds, boolean expected) {
    assertThat(RolloutRestart.mayInterrupt(pod, Pods.STARTED.plusSeconds(seconds)))
        .isEqualTo(expected);
  }

  @Test
  void doesNotInterruptServerThatHasNotStarted() {
    assertThat(RolloutRestart.mayInterrupt(Pods.starting(snapshot), Pods.NOW)).isFalse();
  }

  private String settled(Optional<Pod> present, StatefulSet statefulSet) {
    Snapshot with = snapshot.with(statefulSet);
    return RolloutRestart.settled(present.map(p -> Snapshots.with(with, p)).orElse(with));
  }

  private Pod created(String value) {
    return new PodBuilder(pod)
        .editMetadata()
        .addToAnnotations(ANNOTATION, value)
        .endMetadata()
        .build();
  }

  /** The StatefulSet with a request, and what the operator has recorded. */
  private StatefulSet requested(String value, String recorded) {
    Map<String, String> annotations = value.isEmpty() ? Map.of() : Map.of(ANNOTATION, value);
    return new StatefulSetBuilder(
            Pods.statefulSet(snapshot, PostgresImages.DEFAULT, Optional.empty()))
        .editMetadata()
        .addToAnnotations(Labels.ROLLOUT_RESTART, recorded)
        .endMetadata()
        .editSpec()
        .editTemplate()
        .editMetadata()
        .addToAnnotations(annotations)
        .endMetadata()
        .endTemplate()
        .endSpec()
        .build();
  }

  private static StatefulSet unrecorded(StatefulSet statefulSet) {
    return new StatefulSetBuilder(statefulSet)
        .editMetadata()
        .removeFromAnnotations(Labels.ROLLOUT_RESTART)
        .endMetadata()
        .build();
  }
}
