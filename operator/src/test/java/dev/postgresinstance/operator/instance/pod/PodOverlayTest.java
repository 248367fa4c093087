package dev.postgresinstance.operator.instance.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodOverlayTest {

  private static final PodSpec POD =
      new PodSpecBuilder()
          .withNewSecurityContext()
          .withRunAsNonRoot(true)
          .endSecurityContext()
          .build();

  @Test
  void addsLabelsOfSpecBelowThoseOfOperator() {
    // Given
    PostgresInstanceSpec spec = spec("pod: {labels: {team: shop, app: other}}");

    // When
    Map<String, String> labels = PodOverlay.labels(spec, Map.of("app", "postgres"));

    // Then
    assertThat(labels).containsOnly(Map.entry("team", "shop"), Map.entry("app", "postgres"));
  }

  @Test
  void addsAnnotationsOfSpecBelowThoseOfOperator() {
    // Given
    PostgresInstanceSpec spec = spec("pod: {annotations: {a: b, id: other}}");

    // When
    Map<String, String> annotations = PodOverlay.annotations(spec, Map.of("id", "1"));

    // Then
    assertThat(annotations).containsOnly(Map.entry("a", "b"), Map.entry("id", "1"));
  }

  @Test
  void keepsOwnLabelsAndAnnotationsWithoutPodSettings() {
    // Given
    PostgresInstanceSpec spec = spec("{}");

    // Then
    assertThat(PodOverlay.labels(spec, Map.of("a", "b"))).containsOnly(Map.entry("a", "b"));
    assertThat(PodOverlay.annotations(spec, Map.of("c", "d"))).containsOnly(Map.entry("c", "d"));
  }

  @Test
  void copiesSchedulingSettingsToPod() {
    // Given
    PostgresInstanceSpec spec =
        spec(
            "pod: {nodeSelector: {disk: fast}, tolerations: [{operator: Exists}],"
                + " affinity: {nodeAffinity: {}}, priorityClassName: databases,"
                + " imagePullSecrets: [{name: registry}]}");

    // When
    PodSpec pod = PodOverlay.podSpec(spec, POD);

    // Then
    assertThat(pod.getNodeSelector()).containsOnly(Map.entry("disk", "fast"));
    assertThat(pod.getTolerations()).extracting(Toleration::getOperator).containsExactly("Exists");
    assertThat(pod.getAffinity().getNodeAffinity()).isNotNull();
    assertThat(pod.getPriorityClassName()).isEqualTo("databases");
    assertThat(pod.getImagePullSecrets())
        .extracting(LocalObjectReference::getName)
        .containsExactly("registry");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "pod: {}",
        "pod: {labels: {}, annotations: {}, nodeSelector: {}, tolerations: [], affinity: {},"
            + " priorityClassName: '', imagePullSecrets: []}"
      })
  void treatsEmptySettingsAsUnset(String spec) {
    // When
    PodSpec pod = PodOverlay.podSpec(spec(spec), POD);
    Optional<String> restartText = PodOverlay.restartText(spec(spec));

    // Then
    assertThat(pod.getAffinity()).isNull();
    assertThat(pod.getPriorityClassName()).isNull();
    assertThat(pod.getNodeSelector()).isNullOrEmpty();
    assertThat(pod.getTolerations()).isNullOrEmpty();
    assertThat(pod.getImagePullSecrets()).isNullOrEmpty();
    assertThat(restartText).isEmpty();
  }

  @ParameterizedTest(name = "{0}: user {1}")
  @CsvSource({"{}, 999", "pod: {}, 999", "pod: {runAsUser: 1000650000}, 1000650000"})
  void setsUserAndGroupsAndKeepsOtherSecuritySettings(String spec, long user) {
    // When
    var security = PodOverlay.podSpec(spec(spec), POD).getSecurityContext();

    // Then
    assertThat(security.getRunAsUser()).isEqualTo(user);
    assertThat(security.getRunAsGroup()).isEqualTo(user);
    assertThat(security.getFsGroup()).isEqualTo(user);
    assertThat(security.getRunAsNonRoot()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"pod: {imagePullSecrets: [{name: registry}]}", "pod: {runAsUser: 999}"})
  void omitsSettingsThatNeedNoRestart(String spec) {
    // When
    Optional<String> text = PodOverlay.restartText(spec(spec));

    // Then
    assertThat(text).isEmpty();
  }

  /** The text is part of the restart hash of running pods, so it must never change. */
  @Test
  void listsSettingsThatNeedRestartIndependentlyOfTheirOrder() {
    // Given
    PostgresInstanceSpec spec =
        spec("pod: {labels: {b: '2', a: '1'}, tolerations: [{operator: Exists, key: x}]}");

    // When
    Optional<String> text = PodOverlay.restartText(spec);

    // Then
    assertThat(text).contains("pod{labels={a=1,b=2},tolerations=[{key=x,operator=Exists}]}");
  }

  @Test
  void distinguishesOrderOfTolerations() {
    // Given
    PostgresInstanceSpec spec = spec("pod: {tolerations: [{key: a}, {key: b}]}");
    PostgresInstanceSpec reversed = spec("pod: {tolerations: [{key: b}, {key: a}]}");

    // Then
    assertThat(PodOverlay.restartText(spec)).isNotEqualTo(PodOverlay.restartText(reversed));
  }

  private static PostgresInstanceSpec spec(String yaml) {
    return Snapshots.of(yaml).instance().getSpec();
  }
}
