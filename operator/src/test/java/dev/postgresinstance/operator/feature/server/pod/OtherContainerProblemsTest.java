package dev.postgresinstance.operator.feature.server.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.SharedPods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.reconcile.Statuses;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OtherContainerProblemsTest {

  private static final Instant SINCE = Pods.STARTED;
  private static final Instant SOON = SINCE.plusSeconds(9);
  private static final Instant LATE = SINCE.plusSeconds(10);

  private final Snapshot snapshot = Snapshots.initialized();
  private final Pod initializing = Pods.waiting(snapshot, "PodInitializing", null);
  private final Pod creating = Pods.waiting(snapshot, "ContainerCreating", null);

  @Test
  void reportsInitContainerWhoseImageCannotBePulled() {
    // When
    Problem problem = init(SharedPods.waiting("ImagePullBackOff", "not found"));

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.IMAGE_UNAVAILABLE);
    assertThat(problem.message())
        .isEqualTo(
            "The server waits for init container mesh-init of pod orders-0, which the operator did"
                + " not add. The node cannot pull its image registry.example/mesh-init: not found.");
  }

  @Test
  void reportsInitContainerThatCannotBeCreated() {
    // When
    Problem problem =
        init(SharedPods.waiting("CreateContainerConfigError", "secret \"x\" not found"));

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.CRASHING);
    assertThat(problem.message()).endsWith("did not add. secret \"x\" not found.");
  }

  @Test
  void reportsInitContainerThatFails() {
    // When
    Problem problem = init(Pods.terminated(3, "Error", "no route\n"));

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.CRASHING);
    assertThat(problem.message())
        .endsWith(
            "It ended with exit code 3, message: no route; kubectl logs -n shop orders-0 -c"
                + " mesh-init shows more.");
  }

  @Test
  void reportsInitContainerThatWaitsAfterItFailed() {
    // Given
    Pod failed = failedBefore(crashLoop(), 3);

    // When
    Optional<Problem> problem = OtherContainerProblems.of(failed, SOON);

    // Then
    assertThat(problem).map(Problem::reason).contains(Reason.CRASHING);
    assertThat(problem).map(Problem::message).get().asString().contains("exit code 3; kubectl");
  }

  @Test
  void reportsSidecarThatEndsAgainAndAgain() {
    assertThat(OtherContainerProblems.of(failedBefore(crashLoop(), 0), SOON))
        .map(Problem::reason)
        .contains(Reason.CRASHING);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void remembersFailureOfInitContainerThatRunsAgain(int exitCode) {
    // When
    Optional<Problem> problem =
        OtherContainerProblems.of(failedBefore(SharedPods.running(SINCE), exitCode), SOON);

    // Then
    assertThat(problem.isPresent()).isEqualTo(exitCode == 1);
  }

  @Test
  void reportsInitContainerThatDoesNotComplete() {
    // Given
    Pod pod = SharedPods.withInit(initializing, "mesh-init", SharedPods.running(SINCE));

    // Then
    assertThat(OtherContainerProblems.of(pod, SOON)).isEmpty();
    assertThat(OtherContainerProblems.of(pod, LATE)).map(Problem::reason).contains(Reason.STARTING);
    assertThat(OtherContainerProblems.of(pod, LATE))
        .map(Problem::message)
        .get()
        .asString()
        .endsWith("It has not completed since 2026-01-01T00:00:00Z.");
  }

  @Test
  void reportsContainerThatIsCreatedBeforeTheServer() {
    // Given
    Pod pod =
        SharedPods.withCondition(
            SharedPods.withContainer(
                creating, "mesh-proxy", SharedPods.waiting("ContainerCreating", null)),
            "PodReadyToStartContainers",
            SINCE);

    // Then
    assertThat(OtherContainerProblems.of(pod, SOON)).isEmpty();
    assertThat(OtherContainerProblems.of(pod, LATE))
        .map(Problem::message)
        .get()
        .asString()
        .startsWith("The server waits for container mesh-proxy of pod orders-0");
  }

  @Test
  void ignoresOtherContainersOfRunningServer() {
    // Given
    Pod init =
        SharedPods.withInit(
            Pods.started(snapshot), "mesh-init", Pods.terminated(1, "Error", "late"));
    Pod pod = SharedPods.withContainer(init, "mesh-proxy", crashLoop());

    // Then
    assertThat(OtherContainerProblems.of(pod, LATE)).isEmpty();
  }

  @Test
  void statusTellsThatContainerOfSomebodyElsePreventsTheStart() {
    // Given
    Pod pod = SharedPods.withInit(initializing, "mesh-init", Pods.terminated(1, "Error", "x"));

    // When
    var status = Statuses.of(Snapshots.with(snapshot, pod), new LoginResult.Pending(), LATE);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Crashing");
    assertThat(Statuses.ready(status).getMessage()).contains("which the operator did not add");
  }

  @Test
  void statusOfUnreachableServerNamesContainersThatAreNotReady() {
    // Given
    Pod pod = SharedPods.withContainer(Pods.started(snapshot), "mesh-proxy", crashLoop());

    // When
    var status =
        Statuses.of(
            Snapshots.with(snapshot, pod), new LoginResult.Unreachable("timed out"), Pods.NOW);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("OperatorCannotConnect");
    assertThat(Statuses.ready(status).getMessage())
        .endsWith("which the operator did not add, are not ready: mesh-proxy.");
  }

  private Problem init(ContainerState state) {
    Pod pod = SharedPods.withInit(initializing, "mesh-init", state);
    return OtherContainerProblems.of(pod, SOON).orElseThrow();
  }

  private Pod failedBefore(ContainerState state, int exitCode) {
    return new PodBuilder(SharedPods.withInit(initializing, "mesh-init", state))
        .editStatus()
        .editFirstInitContainerStatus()
        .withLastState(Pods.terminated(exitCode, "Error", null))
        .endInitContainerStatus()
        .endStatus()
        .build();
  }

  private static ContainerState crashLoop() {
    return SharedPods.waiting("CrashLoopBackOff", "back-off 10s restarting failed container");
  }
}
