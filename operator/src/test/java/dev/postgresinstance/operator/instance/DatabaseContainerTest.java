package dev.postgresinstance.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.image.PostgresImages;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DatabaseContainerTest {

  /** The list position of the containers that an admission webhook added. */
  enum Sidecars {
    NONE,
    BEFORE,
    AFTER,
    AROUND;

    boolean areBefore() {
      return this == BEFORE || this == AROUND;
    }

    boolean areAfter() {
      return this == AFTER || this == AROUND;
    }
  }

  private final Snapshot snapshot = Snapshots.initialized();

  @ParameterizedTest(name = "other containers: {0}")
  @EnumSource
  void findsContainerOfPodByName(Sidecars sidecars) {
    // Given
    Pod pod = with(sidecars, Pods.started(snapshot), running("other"));

    // When
    Optional<Container> container = DatabaseContainer.of(pod);

    // Then
    assertThat(container).map(Container::getName).contains("postgres");
    assertThat(DatabaseContainer.image(pod)).contains(container.orElseThrow().getImage());
    assertThat(DatabaseContainer.image(pod)).isNotEqualTo(Optional.of("other"));
  }

  @ParameterizedTest(name = "other containers: {0}")
  @EnumSource
  void findsContainerOfStatefulSetByName(Sidecars sidecars) {
    // Given
    StatefulSet desired = Pods.statefulSet(snapshot, PostgresImages.DEFAULT, Optional.empty());
    Pod pod = with(sidecars, Pods.started(snapshot), running("other"));
    StatefulSet actual =
        new StatefulSetBuilder(desired)
            .editSpec()
            .editTemplate()
            .withSpec(pod.getSpec())
            .endTemplate()
            .endSpec()
            .build();

    // When
    Optional<Container> container = DatabaseContainer.of(actual);

    // Then
    assertThat(container).map(Container::getName).contains("postgres");
  }

  @ParameterizedTest(name = "other container statuses: {0}")
  @EnumSource
  void readsRunningServerWhileOtherContainersWait(Sidecars sidecars) {
    // Given
    Pod pod = with(sidecars, ready(Pods.started(snapshot)), waiting("other"));

    // Then
    assertThat(DatabaseContainer.status(pod)).map(ContainerStatus::getName).contains("postgres");
    assertThat(DatabaseContainer.isRunning(pod)).isTrue();
    assertThat(DatabaseContainer.runningSince(pod)).contains(Pods.STARTED);
    assertThat(DatabaseContainer.runningId(pod)).contains("containerd://1");
    assertThat(DatabaseContainer.isStarted(pod)).isTrue();
    assertThat(DatabaseContainer.isReady(pod)).isTrue();
    assertThat(DatabaseContainer.lastTermination(pod)).isEmpty();
  }

  @ParameterizedTest(name = "other container statuses: {0}")
  @EnumSource
  void readsEndedServerWhileOtherContainersRun(Sidecars sidecars) {
    // Given
    Pod pod =
        with(
            sidecars,
            Pods.ended(snapshot, Pods.terminated(137, "OOMKilled", "")),
            running("other"));

    // Then
    assertThat(DatabaseContainer.isRunning(pod)).isFalse();
    assertThat(DatabaseContainer.runningSince(pod)).isEmpty();
    assertThat(DatabaseContainer.runningId(pod)).isEmpty();
    assertThat(DatabaseContainer.isStarted(pod)).isFalse();
    assertThat(DatabaseContainer.isReady(pod)).isFalse();
    assertThat(DatabaseContainer.lastTermination(pod))
        .map(ContainerStateTerminated::getReason)
        .contains("OOMKilled");
  }

  @Test
  void remembersTerminationBeforeLastRestart() {
    // Given
    Pod pod = Pods.startedAgain(snapshot, Pods.terminated(1, "Error", "before"));

    // Then
    assertThat(DatabaseContainer.lastTermination(pod))
        .map(ContainerStateTerminated::getMessage)
        .contains("before");
  }

  @Test
  void prefersTerminationOfNowToTheOneBeforeLastRestart() {
    // Given
    Pod pod =
        new PodBuilder(Pods.ended(snapshot, Pods.terminated(1, "Error", "now")))
            .editStatus()
            .editFirstContainerStatus()
            .withLastState(Pods.terminated(1, "Error", "before"))
            .endContainerStatus()
            .endStatus()
            .build();

    // Then
    assertThat(DatabaseContainer.lastTermination(pod))
        .map(ContainerStateTerminated::getMessage)
        .contains("now");
  }

  @Test
  void isNotFoundBeforeKubeletReportsIt() {
    // Given: the kubelet has reported another container only
    Pod pod =
        new PodBuilder(Pods.started(snapshot))
            .editStatus()
            .withContainerStatuses(running("other"))
            .endStatus()
            .build();

    // Then
    assertThat(DatabaseContainer.status(pod)).isEmpty();
    assertThat(DatabaseContainer.state(pod)).isEmpty();
    assertThat(DatabaseContainer.isRunning(pod)).isFalse();
    assertThat(DatabaseContainer.lastTermination(pod)).isEmpty();
  }

  @Test
  void tellsRequestedImageAlthoughWebhookHasReplacedIt() {
    // Given
    String requested = PostgresImages.DEFAULT.of("17");
    StatefulSet created = Pods.statefulSet(snapshot, PostgresImages.DEFAULT, Optional.empty());
    StatefulSet changed =
        Pods.statefulSet(snapshot, PostgresImages.parse("17=postgres:17.99"), Optional.empty());
    Pod pod = SharedPods.mirrored(Pods.started(snapshot));
    Pod earlier = SharedPods.withoutTemplateImage(pod);

    // Then
    assertThat(DatabaseContainer.requestedImage(pod, Optional.empty())).contains(requested);
    assertThat(DatabaseContainer.requestedImage(earlier, Optional.of(created))).contains(requested);
    assertThat(DatabaseContainer.requestedImage(earlier, Optional.of(changed)))
        .contains(SharedPods.MIRROR);
    assertThat(DatabaseContainer.requestedImage(changed)).contains("postgres:17.99");
  }

  /** The pod with a container for the given status, before or after that of the server. */
  private static Pod with(Sidecars sidecars, Pod pod, ContainerStatus status) {
    Container container =
        new ContainerBuilder().withName(status.getName()).withImage(status.getName()).build();
    PodBuilder builder = new PodBuilder(pod);
    if (sidecars.areBefore()) {
      builder
          .editSpec()
          .addToContainers(0, container)
          .endSpec()
          .editStatus()
          .addToContainerStatuses(0, status)
          .endStatus();
    }
    if (sidecars.areAfter()) {
      builder
          .editSpec()
          .addToContainers(container)
          .endSpec()
          .editStatus()
          .addToContainerStatuses(status)
          .endStatus();
    }
    return builder.build();
  }

  private static Pod ready(Pod pod) {
    return new PodBuilder(pod)
        .editStatus()
        .editFirstContainerStatus()
        .withReady(true)
        .endContainerStatus()
        .endStatus()
        .build();
  }

  private static ContainerStatus running(String name) {
    return new ContainerStatusBuilder()
        .withName(name)
        .withContainerID("containerd://2")
        .withStarted(true)
        .withReady(true)
        .withNewState()
        .withNewRunning("2026-01-01T00:00:30Z")
        .endState()
        .build();
  }

  private static ContainerStatus waiting(String name) {
    return new ContainerStatusBuilder()
        .withName(name)
        .withContainerID("containerd://2")
        .withStarted(false)
        .withReady(false)
        .withNewState()
        .withNewWaiting("back-off 10s", "CrashLoopBackOff")
        .endState()
        .withLastState(Pods.terminated(1, "Error", "other"))
        .build();
  }
}
