package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.SchedulingEvidence.LostNode;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.instance.Surroundings;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulingProblemsTest {

  private static final Optional<String> NOTHING = Optional.empty();

  /** For a pod whose grace period ends at 00:00:00. */
  private static final Instant IN_TIME = Instant.parse("2026-01-01T00:00:05Z");

  private static final Instant TOO_LATE = Instant.parse("2026-01-01T00:00:11Z");

  private static final Optional<DataRecord> NO_RECORD = Optional.empty();

  private final Snapshot snapshot = Snapshots.withData(Snapshots.of("{}"));

  @Test
  void reportsNothingWithoutEvidence() {
    assertThat(SchedulingProblems.of(snapshot, SchedulingEvidence.NONE, TOO_LATE)).isEmpty();
  }

  @Test
  void reportsExceededQuota() {
    // When
    Problem problem = of(podRejected("pods \"orders-0\" is forbidden: exceeded quota: small"));

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.QUOTA_EXCEEDED);
    assertThat(problem.condition()).isEqualTo(ConditionType.AVAILABLE);
    assertThat(problem.message()).contains("exceeded quota: small", "Raise the quota");
  }

  @Test
  void reportsRejectedPod() {
    // When
    Problem problem = of(podRejected("pods \"orders-0\" is forbidden: violates PodSecurity"));

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.POD_REFUSED);
    assertThat(problem.message()).contains("violates PodSecurity");
  }

  @Test
  void namesPodOfRestoreWhereThereIsNoServer() {
    // Given
    Snapshot restoring =
        new Snapshot(
            snapshot.instance(),
            snapshot.objects(),
            snapshot.cluster(),
            new Surroundings(List.of(), List.of(ofRestore("Running")), List.of()));
    LostNode node = new LostNode("n1", Optional.empty(), "gone");

    // When
    Optional<Problem> lost =
        SchedulingProblems.of(
            restoring,
            new SchedulingEvidence(NOTHING, NOTHING, NOTHING, Optional.of(node)),
            IN_TIME);
    Optional<Problem> volume =
        SchedulingProblems.of(
            restoring,
            new SchedulingEvidence(NOTHING, NOTHING, Optional.of("no path"), Optional.empty()),
            IN_TIME);

    // Then
    assertThat(lost.orElseThrow().message()).contains("neither deletes pod orders-restore-x by");
    assertThat(volume.orElseThrow().message())
        .contains("kubectl describe -n shop pod orders-restore-x");
  }

  private static Pod ofRestore(String phase) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("orders-restore-x")
        .withNamespace("shop")
        .addToLabels(Labels.JOB_NAME, "orders-restore")
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .withNewStatus()
        .withPhase(phase)
        .endStatus()
        .build();
  }

  @Test
  void reportsLostNodeWithTimeAndRemedy() {
    // Given
    LostNode node = new LostNode("n1", Optional.of(IN_TIME), "Kubelet stopped posting");

    // When
    Problem problem = of(new SchedulingEvidence(NOTHING, NOTHING, NOTHING, Optional.of(node)));

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.NODE_LOST);
    assertThat(problem.message())
        .contains(
            "n1",
            IN_TIME.toString(),
            "Kubelet stopped posting",
            "neither deletes pod orders-0 by force")
        .contains("kubectl taint node n1 node.kubernetes.io/out-of-service=nodeshutdown:NoExecute");
  }

  @Test
  void reportsPendingClaimWithMessageOfProvisioner() {
    // When
    Problem problem =
        of(
            new SchedulingEvidence(
                NOTHING, Optional.of("no such class"), NOTHING, Optional.empty()));

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.CLAIM_PENDING);
    assertThat(problem.message()).contains("orders-data", "no such class");
  }

  @Test
  void reportsUnmountableVolumeWithMessageOfNode() {
    // When
    Problem problem =
        of(new SchedulingEvidence(NOTHING, NOTHING, Optional.of("Multi-Attach"), Optional.empty()));

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.VOLUME_UNAVAILABLE);
    assertThat(problem.message()).contains("orders-data", "Multi-Attach");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MountVolume.SetUp failed for volume \"mesh-ca\" : configmap \"mesh-ca\" not found",
        "Unable to attach or mount volumes: unmounted volumes=[mesh-ca], unattached volumes=[]"
      })
  void tellsThatVolumeOfSomebodyElseCannotBeMounted(String message) {
    // Given
    Pod pod =
        new PodBuilder(Pods.waiting(snapshot, "ContainerCreating", null))
            .editSpec()
            .addNewVolume()
            .withName("mesh-ca")
            .endVolume()
            .endSpec()
            .build();
    Snapshot shared = with(pod).with(Pods.statefulSet(snapshot, PostgresImages.DEFAULT, NO_RECORD));

    // When
    Optional<Problem> problem =
        SchedulingProblems.of(
            shared,
            new SchedulingEvidence(NOTHING, NOTHING, Optional.of(message), Optional.empty()),
            IN_TIME);

    // Then
    assertThat(problem)
        .map(Problem::message)
        .get()
        .asString()
        .startsWith("Volume mesh-ca of the pod, which the operator did not add, cannot be mounted");
  }

  @Test
  void reportsNothingForTerminatingPodInTime() {
    assertThat(
            SchedulingProblems.of(
                with(Pods.terminating(Pods.started(snapshot))), SchedulingEvidence.NONE, IN_TIME))
        .isEmpty();
  }

  @Test
  void reportsPodThatTerminatesTooLong() {
    // When
    Optional<Problem> problem =
        SchedulingProblems.of(
            with(Pods.terminating(Pods.started(snapshot))), SchedulingEvidence.NONE, TOO_LATE);

    // Then
    assertThat(problem).map(Problem::reason).contains(Reason.POD_TERMINATING);
    assertThat(problem)
        .map(Problem::message)
        .get()
        .asString()
        .contains("its node has not ended it");
  }

  @Test
  void reportsFinalizersOfEndedPodImmediately() {
    // Given
    Pod ended = Pods.terminating(Pods.ended(snapshot, Pods.terminated(0, "Completed", "")));
    Pod held =
        new PodBuilder(ended).editMetadata().withFinalizers("example.com/x").endMetadata().build();

    // When
    Optional<Problem> problem = SchedulingProblems.of(with(held), SchedulingEvidence.NONE, IN_TIME);

    // Then
    assertThat(problem).map(Problem::message).get().asString().contains("[example.com/x]");
  }

  private Snapshot with(Pod pod) {
    return Snapshots.with(snapshot, pod);
  }

  private static SchedulingEvidence podRejected(String message) {
    return new SchedulingEvidence(Optional.of(message), NOTHING, NOTHING, Optional.empty());
  }

  private Problem of(SchedulingEvidence evidence) {
    return SchedulingProblems.of(snapshot, evidence, TOO_LATE).orElseThrow();
  }
}
