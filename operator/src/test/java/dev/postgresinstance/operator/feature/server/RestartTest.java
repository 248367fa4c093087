package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.configuration.ConfigurationPlan;
import dev.postgresinstance.operator.feature.configuration.ServerSettings;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.feature.storage.OfflineGrowth;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.SharedPods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.instance.pod.RolloutRestart;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestartTest {

  private static final String EXPLICIT =
      "{version: '17', resources: {requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 1Gi}}}";

  private static final PostgresImages NEWER_DEFAULTS =
      PostgresImages.parse("17=postgres:17.99-new");

  private static final String PARAMETER = "parameters: {max_connections: '200'}";

  /** The driver refuses to expand a volume that a pod uses. */
  private static final Map<String, String> IN_USE =
      Map.of(OfflineGrowth.RESIZE_ERROR, "code = FailedPrecondition desc = in use");

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
  void restartsForChangeOfSpecThatNeedsNewPod(String spec) {
    // Given
    Pod pod = Pods.started(snapshot);

    // When
    Optional<String> restart = restart(pod, Snapshots.withSpec(snapshot, spec));

    // Then
    assertThat(restart).contains("the spec changed the resources or the settings of the pod");
  }

  @Test
  void restartsForAnotherImage() {
    // Given
    Pod pod = Pods.started(snapshot);

    // When
    Optional<String> restart =
        restart(pod, Snapshots.withSpec(snapshot, "image: registry.example/postgres:17.6"));

    // Then
    assertThat(restart).contains("the spec changed the image");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void keepsPodOfMirrorWhenSpecNamesDefaultImage(boolean isOfEarlierOperator) {
    // Given
    Pod mirrored = SharedPods.mirrored(Pods.started(snapshot));
    Pod pod = isOfEarlierOperator ? SharedPods.withoutTemplateImage(mirrored) : mirrored;

    // When
    Optional<String> restart =
        restart(pod, Snapshots.withSpec(snapshot, "image: " + PostgresImages.DEFAULT.of("17")));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void keepsPodWhoseInitContainersHaveJustStarted() {
    // Given
    Pod pod =
        new PodBuilder(Pods.waiting(snapshot, "PodInitializing", null))
            .editMetadata()
            .withCreationTimestamp(Pods.NOW.minusSeconds(5).toString())
            .endMetadata()
            .build();

    // When
    Optional<String> restart = restart(pod, Snapshots.withSpec(snapshot, "version: '18'"));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void keepsPodWhenSpecNamesDefaultImage() {
    // Given
    Pod pod = Pods.started(snapshot);

    // When
    Optional<String> restart =
        restart(pod, Snapshots.withSpec(snapshot, "image: " + PostgresImages.DEFAULT.of("17")));

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
  void keepsPodForChangeOfSpecThatNeedsNoNewPod(String spec) {
    // Given
    Pod pod = Pods.started(snapshot);

    // When
    Optional<String> restart = restart(pod, Snapshots.withSpec(snapshot, spec));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void ignoresOrderInPodSettings() {
    // Given
    Snapshot carrying =
        Snapshots.of(
            "pod: {labels: {a: '1', b: '2'}, affinity: {podAffinity: {x: {c: 1, d: [2]}}}}");
    Pod pod = Pods.started(carrying);

    // When
    Optional<String> restart =
        restart(
            pod,
            Snapshots.withSpec(
                carrying,
                "pod: {affinity: {podAffinity: {x: {d: [2], c: 1}}}, labels: {b: '2', a: '1'}}"));

    // Then
    assertThat(restart).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{resources: {limits: {memory: 1024Mi}, requests: {memory: 256Mi, cpu: 100m}}}",
        "{resources: {limits: {memory: '1073741824'}, requests: {memory: 0.25Gi, cpu: 0.1}}}"
      })
  void ignoresOrderAndNotationOfQuantities(String spec) {
    // Given
    Snapshot explicit = Snapshots.of(EXPLICIT);
    Pod pod = Pods.started(explicit);

    // When
    Optional<String> restart = restart(pod, Snapshots.withSpec(explicit, spec));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void roundsTinyQuantityUpLikeKubernetes() {
    // Given
    Snapshot least = Snapshots.of("resources: {requests: {cpu: 1n, memory: 256Mi}}");
    Pod pod = Pods.started(least);

    // When
    Optional<String> restart =
        restart(
            pod,
            Snapshots.withSpec(
                least, "resources: {requests: {cpu: '1e-10000000', memory: 256Mi}}"));

    // Then
    assertThat(restart).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void keepsRunningOrRecoveringServerWhenDefaultImageChanges(boolean runs) {
    // Given
    Pod pod = runs ? Pods.started(snapshot) : Pods.starting(snapshot);

    // When
    Optional<String> restart =
        restart(snapshot, pod, desired(snapshot, NEWER_DEFAULTS, Optional.empty()));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void keepsPodThatIsTerminating() {
    // Given
    Pod pod = Pods.terminating(Pods.started(snapshot));

    // When
    Optional<String> restart = restart(pod, Snapshots.withSpec(snapshot, "version: '18'"));

    // Then
    assertThat(restart).isEmpty();
  }

  @Test
  void replacesPodWithoutAnnotations() {
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

  @Test
  void ignoresPendingParametersOfPreviousFile() {
    // Given: the server has not read the new file yet
    Snapshot changed = withParameter("");
    ServerSettings previous = pending(hash("{}"));

    // When
    Restart restart = decision(changed, previous);

    // Then
    assertThat(restart).isEqualTo(new Restart.None());
  }

  @Test
  void restartsForChangedParametersThatServerHasRead() {
    // Given
    Snapshot changed = withParameter("");

    // When
    Restart restart = decision(changed, pending(hash(PARAMETER)));

    // Then
    assertThat(restart)
        .isEqualTo(new Restart.Due("the spec changed the parameters max_connections"));
  }

  @Test
  void waitsWithChangedParametersUnderManualPolicy() {
    // Given
    Snapshot manual = withParameter("\nrestartPolicy: Manual");

    // When
    Restart restart = decision(manual, pending(hash(PARAMETER)));

    // Then
    assertThat(restart).isEqualTo(new Restart.Waiting(List.of("the parameters max_connections")));
  }

  @Test
  void stopsServerForOfflineGrowthUnlessPolicyIsManual() {
    // Given
    Snapshot refused = Snapshots.resizing("1Gi", "2Gi", IN_USE);
    Snapshot grown = Snapshots.resizing("2Gi", "2Gi", Map.of());
    Snapshot manual =
        running(Snapshots.withSpec(refused, "{storage: {size: 2Gi}, restartPolicy: Manual}"));

    // Then
    assertThat(decision(running(refused))).isInstanceOf(Restart.Due.class);
    assertThat(decision(running(grown))).isEqualTo(new Restart.None());
    assertThat(decision(manual))
        .isEqualTo(
            new Restart.Waiting(
                List.of("the size of the volume, which can grow only while no pod uses it")));
  }

  @Test
  void restartsOnceForEachRequest() {
    // Given
    Pod pod = Pods.started(snapshot);
    Snapshot requested = Snapshots.withSpec(snapshot, "restartPolicy: Manual");
    requested.instance().getMetadata().setAnnotations(Map.of(Labels.RESTART, "now"));

    // When
    Optional<String> first = restart(pod, requested);
    Optional<String> again = restart(Pods.started(requested), requested);

    // Then
    assertThat(first).contains("a restart was requested");
    assertThat(again).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Immediate", "Manual"})
  void restartsForRolloutRestartUnderEachPolicy(String policy) {
    // Given
    Snapshot requested = Snapshots.withSpec(snapshot, "restartPolicy: " + policy);
    StatefulSet desired = rollout(desired(requested));

    // When
    Restart running = decision(requested, Pods.started(requested), desired, Optional.empty());
    Restart starting = decision(requested, Pods.starting(requested), desired, Optional.empty());

    // Then
    assertThat(running).isEqualTo(new Restart.Due(RolloutRestart.WHY));
    assertThat(starting).isEqualTo(new Restart.Postponed(RolloutRestart.WHY));
  }

  @Test
  void changeOfSpecDoesNotWaitForPostponedRestart() {
    // Given
    Snapshot changed = Snapshots.withSpec(snapshot, "version: '18'");

    // When
    Restart restart =
        decision(changed, Pods.starting(snapshot), rollout(desired(changed)), Optional.empty());

    // Then
    assertThat(restart).isInstanceOf(Restart.Due.class);
  }

  private static StatefulSet rollout(StatefulSet statefulSet) {
    return new StatefulSetBuilder(statefulSet)
        .editSpec()
        .editTemplate()
        .editMetadata()
        .addToAnnotations(RolloutRestart.ANNOTATION, "2026-01-01T00:00:00Z")
        .endMetadata()
        .endTemplate()
        .endSpec()
        .build();
  }

  @Test
  void reportsThatNewDefaultImageWaitsForNextRestart() {
    // Given
    StatefulSet desired = desired(snapshot, NEWER_DEFAULTS, Optional.empty());

    // When
    Restart restart = decision(snapshot, Pods.started(snapshot), desired, Optional.empty());

    // Then
    assertThat(restart)
        .isEqualTo(
            new Restart.Waiting(
                List.of("changes of this operator version or of its default images")));
  }

  private static Optional<String> restart(Pod pod, Snapshot snapshot) {
    return restart(snapshot, pod, desired(snapshot));
  }

  private static Optional<String> restart(Snapshot snapshot, Pod pod, StatefulSet desired) {
    return decision(snapshot, pod, desired, Optional.empty()) instanceof Restart.Due due
        ? Optional.of(due.why())
        : Optional.empty();
  }

  private static Restart decision(Snapshot snapshot) {
    return decision(snapshot, snapshot.pod().orElseThrow(), desired(snapshot), Optional.empty());
  }

  private static Restart decision(Snapshot snapshot, ServerSettings settings) {
    return decision(snapshot, Pods.started(snapshot), desired(snapshot), Optional.of(settings));
  }

  private static Restart decision(
      Snapshot snapshot, Pod pod, StatefulSet desired, Optional<ServerSettings> settings) {
    ConfigurationPlan plan = ConfigurationPlan.of(snapshot, settings);
    return Restart.of(snapshot, pod, desired, plan, settings, Pods.NOW);
  }

  /** A snapshot whose ConfigMap has had the parameter since the user added it. */
  private Snapshot withParameter(String more) {
    Snapshot changed = Snapshots.withSpec(snapshot.with(configMap(snapshot)), PARAMETER + more);
    return changed.with(configMap(changed));
  }

  private static ConfigMap configMap(Snapshot snapshot) {
    return ServerConfigMap.desired(snapshot, ConfigurationPlan.of(snapshot, Optional.empty()));
  }

  private static String hash(String spec) {
    return ConfigurationPlan.of(Snapshots.of(spec), Optional.empty()).expected();
  }

  /** A server that started without parameters and has read a file with that hash. */
  private static ServerSettings pending(String hash) {
    return new ServerSettings(
        "a.conf",
        hash("{}"),
        "-",
        "",
        hash,
        hash,
        List.of(),
        List.of("max_connections"),
        List.of(),
        new ServerSettings.Login.Accepted());
  }

  private static Snapshot running(Snapshot snapshot) {
    return Snapshots.with(snapshot, Pods.started(snapshot));
  }

  private static StatefulSet desired(Snapshot snapshot) {
    return desired(snapshot, PostgresImages.DEFAULT, Optional.empty());
  }

  private static StatefulSet desired(
      Snapshot snapshot, PostgresImages images, Optional<DataRecord> record) {
    return Pods.statefulSet(snapshot, images, record);
  }
}
