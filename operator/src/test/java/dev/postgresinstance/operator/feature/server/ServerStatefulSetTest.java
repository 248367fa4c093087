package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.configuration.ConfigurationPlan;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the template says, whole, is in the golden files; here is when a pod has to make room. */
class ServerStatefulSetTest {

  private static final String EXPLICIT =
      "{version: '17', resources: {requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 1Gi}}}";

  private static final PostgresImages NEWER_TABLE = PostgresImages.parse("17=postgres:17.99-new");

  private final Snapshot snapshot = Snapshots.of("{}");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "version: '18'",
        "resources: {requests: {cpu: 200m, memory: 256Mi}}",
        "resources: {requests: {cpu: 100m, memory: 1Gi}}",
        "resources: {requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 256Mi}}",
        "pod: {labels: {team: shop}}",
        "pod: {annotations: {example.com/a: b}}",
        "pod: {nodeSelector: {disk: fast}}",
        "pod: {tolerations: [{operator: Exists}]}",
        "pod: {affinity: {nodeAffinity: {}}}",
        "pod: {priorityClassName: databases}"
      })
  void whatOnlyARestartBringsRestarts(String spec) {
    // Given
    Pod pod = Pods.started(snapshot);

    // When
    Optional<String> restart = restart(pod, Snapshots.changed(snapshot, spec));

    // Then
    assertThat(restart).contains("the spec changed the resources or the settings of the pod");
  }

  @Test
  void anotherImageRestarts() {
    // Given
    Pod pod = Pods.started(snapshot);

    // When
    Optional<String> restart =
        restart(pod, Snapshots.changed(snapshot, "image: registry.example/postgres:17.6"));

    // Then
    assertThat(restart).contains("the spec changed the image");
  }

  @Test
  void sameImageByItsOwnNameDoesNotRestart() {
    // Given
    Pod pod = Pods.started(snapshot);

    // When
    Optional<String> restart =
        restart(pod, Snapshots.changed(snapshot, "image: " + PostgresImages.DEFAULT.of("17")));

    // Then
    assertThat(restart).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "storage: {size: 10Gi}",
        "service: {type: ClusterIP}",
        "service: {nodePort: 30432}",
        "service: {annotations: {example.com/a: b}, externalTrafficPolicy: Local}",
        "pod: {imagePullSecrets: [{name: registry}]}",
        "pod: {runAsUser: 999}",
        "pod: {}",
        "pod: {labels: {}, annotations: {}, nodeSelector: {}, tolerations: [], affinity: {},"
            + " priorityClassName: '', imagePullSecrets: []}",
        "resources: {requests: {memory: 268435456, cpu: '0.1'}}",
        "resources: {requests: {memory: 262144Ki, cpu: 100000u}, limits: {}}"
      })
  void whatNeedsNoRestartDoesNotRestart(String spec) {
    // Given
    Pod pod = Pods.started(snapshot);

    // When
    Optional<String> restart = restart(pod, Snapshots.changed(snapshot, spec));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void orderOfWhatThePodCarriesDoesNotMatter() {
    // Given
    Snapshot carrying =
        Snapshots.of(
            "pod: {labels: {a: '1', b: '2'}, affinity: {podAffinity: {x: {c: 1, d: [2]}}}}");
    Pod pod = Pods.started(carrying);

    // When
    Optional<String> restart =
        restart(
            pod,
            Snapshots.changed(
                carrying,
                "pod: {affinity: {podAffinity: {x: {d: [2], c: 1}}}, labels: {b: '2', a: '1'}}"));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void pullSecretsOfAPodThatHasNoImageYetReplaceIt() {
    // Given
    Pod pod = Pods.waiting(snapshot, "ImagePullBackOff", "unauthorized");

    // When
    Optional<String> restart =
        restart(pod, Snapshots.changed(snapshot, "pod: {imagePullSecrets: [{name: registry}]}"));

    // Then
    assertThat(restart).contains("no server runs in it and the next pod is different");
  }

  @Test
  void labelsByWhichOthersFindThePodAreNotTheUsers() {
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{resources: {limits: {memory: 1024Mi}, requests: {memory: 256Mi, cpu: 100m}}}",
        "{resources: {limits: {memory: '1073741824'}, requests: {memory: 0.25Gi, cpu: 0.1}}}"
      })
  void orderAndFormOfAmountsDoNotMatter(String spec) {
    // Given
    Snapshot explicit = Snapshots.of(EXPLICIT);
    Pod pod = Pods.started(explicit);

    // When
    Optional<String> restart = restart(pod, Snapshots.changed(explicit, spec));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void amountOfMillionsOfDigitsIsTheOneThatKubernetesMakesOfIt() {
    // Given
    Snapshot least = Snapshots.of("resources: {requests: {cpu: 1n, memory: 256Mi}}");
    Pod pod = Pods.started(least);

    // When
    Optional<String> restart =
        restart(
            pod,
            Snapshots.changed(least, "resources: {requests: {cpu: '1e-10000000', memory: 256Mi}}"));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void newVersionOfTheOperatorDisturbsNoRunningServer() {
    // Given
    Pod pod = Pods.started(snapshot);

    // When
    Optional<String> restart =
        restart(snapshot, pod, desired(snapshot, NEWER_TABLE, Optional.empty()));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void newVersionOfTheOperatorDisturbsNoServerThatStillRecovers() {
    // Given
    Pod pod = Pods.starting(snapshot);

    // When
    Optional<String> restart =
        restart(snapshot, pod, desired(snapshot, NEWER_TABLE, Optional.empty()));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void podInWhichNothingRunsMakesRoomForAnotherTemplate() {
    // Given
    Pod pod = Pods.waiting(snapshot, "ImagePullBackOff", "not found");

    // When
    Optional<String> restart =
        restart(snapshot, pod, desired(snapshot, NEWER_TABLE, Optional.empty()));

    // Then
    assertThat(restart).contains("no server runs in it and the next pod is different");
  }

  @Test
  void podInWhichNothingRunsStaysForTheSameTemplate() {
    // Given
    Pod pod = Pods.waiting(snapshot, "ImagePullBackOff", "not found");

    // When
    Optional<String> restart = restart(pod, snapshot);

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void thatDataIsKnownNowOutdatesNoPod() {
    // Given
    Pod pod = Pods.backingOff(snapshot, Pods.terminated(1, "Error", ""));
    DataRecord record = new DataRecord("73", "17", "app", "app", "", "999", "", "");

    // When
    Optional<String> restart =
        restart(snapshot, pod, desired(snapshot, PostgresImages.DEFAULT, Optional.of(record)));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void podThatWasMadeAMomentAgoIsLeftAlone() {
    // Given
    Pod pod = made(Pods.waiting(snapshot, "ContainerCreating", null), Pods.NOW.minusSeconds(9));

    // When
    Optional<String> restart = restart(pod, Snapshots.changed(snapshot, "version: '18'"));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void podWhoseContainerIsNotMadeInTimeMakesRoom() {
    // Given
    Pod pod = made(Pods.waiting(snapshot, "ContainerCreating", null), Pods.NOW.minusSeconds(10));

    // When
    Optional<String> restart = restart(pod, Snapshots.changed(snapshot, "version: '18'"));

    // Then
    assertThat(restart).isPresent();
  }

  @Test
  void podWhoseContainerHasJustEndedIsLeftAlone() {
    // Given
    Pod pod = Pods.ended(snapshot, Pods.terminated(137, "Error", ""));

    // When
    Optional<String> restart = restart(pod, Snapshots.changed(snapshot, "version: '18'"));

    // Then
    assertThat(restart).isEmpty();
  }

  private static Pod made(Pod pod, Instant time) {
    return new PodBuilder(pod)
        .editMetadata()
        .withCreationTimestamp(time.toString())
        .endMetadata()
        .build();
  }

  @Test
  void podThatEndsAlreadyIsLeftAlone() {
    // Given
    Pod pod = Pods.dying(Pods.started(snapshot));

    // When
    Optional<String> restart = restart(pod, Snapshots.changed(snapshot, "version: '18'"));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void podWithoutAnyAnnotationMakesRoom() {
    // Given
    Pod pod =
        new PodBuilder(Pods.started(snapshot))
            .editMetadata()
            .withAnnotations(null)
            .endMetadata()
            .build();

    // When
    Optional<String> restart = restart(pod, snapshot);

    // Then
    assertThat(restart).isPresent();
  }

  /**
   * These words stand on every running pod. If this test fails, the next version of the operator
   * restarts every database there is, at once: do not change the literals, mend the code. A new
   * field of the spec may add to the text that is hashed only where it is set.
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
  void hashOfAnUnchangedSpecNeverChanges(String spec, String hash) {
    // When
    PodTemplateSpec template = template(Snapshots.of(spec));

    // Then
    assertThat(template.getMetadata().getAnnotations()).containsEntry(Labels.RESTART_HASH, hash);
  }

  @Test
  void hashOfTheTemplateIsTheSameInEachProcess() {
    // When
    PodTemplateSpec template = template(snapshot);

    // Then: maps of the JDK without an order of their own have another one in each process
    for (Map<String, String> map :
        List.of(template.getMetadata().getLabels(), template.getMetadata().getAnnotations())) {
      List<String> keys = new ArrayList<>(map.keySet());
      // Added after it was computed.
      keys.removeAll(List.of(Labels.TEMPLATE_HASH, Labels.RESTART_HASH, Labels.ASKED_IMAGE));
      assertThat(keys).isSorted();
    }
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

  private static PodTemplateSpec template(Snapshot snapshot) {
    return desired(snapshot, PostgresImages.DEFAULT, Optional.empty()).getSpec().getTemplate();
  }

  private static StatefulSet desired(
      Snapshot snapshot, PostgresImages images, Optional<DataRecord> record) {
    return Pods.statefulSet(snapshot, images, record);
  }
}
