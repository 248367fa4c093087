package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Labels and hashes of the pod template. Golden files cover the whole template. */
class ServerStatefulSetTest {

  private final Snapshot snapshot = Snapshots.of("{}");

  @Test
  void keepsOwnLabelsAndAnnotationsThatSpecSetsDifferently() {
    // When
    PodTemplateSpec template =
        template(
            Snapshots.of(
                "pod: {labels: {postgresinstance.dev/instance: x},"
                    + " annotations: {postgresinstance.dev/instance-id: y}}"));

    // Then
    assertThat(template.getMetadata().getLabels())
        .containsEntry("postgresinstance.dev/instance", "orders");
    assertThat(template.getMetadata().getAnnotations())
        .containsEntry("postgresinstance.dev/instance-id", Snapshots.UID);
  }

  /**
   * Every running pod has one of these hashes. If this test fails, the next version of the operator
   * restarts all databases at once: do not change the literals, fix the code. A new field of the
   * spec may add to the hashed text only where it is set.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                              | 68f5670d
          version: '18'                                                   | 995f1f1e
          {image: 'postgres:17.6', resources: {limits: {memory: 1Gi}}}    | 042a3b49
          pod: {labels: {a: b}, tolerations: [{key: x, operator: Exists, tolerationSeconds: 5}], affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 5, podAffinityTerm: {topologyKey: zone}}]}}} | 68ae1625
          """)
  void keepsRestartHashOfUnchangedSpecAcrossVersions(String spec, String hash) {
    // When
    PodTemplateSpec template = template(Snapshots.of(spec));

    // Then
    assertThat(template.getMetadata().getAnnotations()).containsEntry(Labels.RESTART_HASH, hash);
  }

  @Test
  void sortsLabelsAndAnnotationsForReproducibleTemplateHash() {
    // When
    PodTemplateSpec template = template(snapshot);

    // Then: unordered maps of the JDK iterate in another order in each process
    for (Map<String, String> map :
        List.of(template.getMetadata().getLabels(), template.getMetadata().getAnnotations())) {
      List<String> keys = new ArrayList<>(map.keySet());
      // Added after the hash was computed
      keys.removeAll(List.of(Labels.TEMPLATE_HASH, Labels.RESTART_HASH, Labels.ASKED_IMAGE));
      assertThat(keys).isSorted();
    }
  }

  private static PodTemplateSpec template(Snapshot snapshot) {
    return Pods.statefulSet(snapshot, PostgresImages.DEFAULT, Optional.empty())
        .getSpec()
        .getTemplate();
  }
}
