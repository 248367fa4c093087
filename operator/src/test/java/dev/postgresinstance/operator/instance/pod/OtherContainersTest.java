package dev.postgresinstance.operator.instance.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.SharedPods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.api.Test;

class OtherContainersTest {

  private static final String PROXY = "mesh-proxy";
  private static final ContainerState CREATING = SharedPods.waiting("ContainerCreating", null);
  private static final ContainerState RUNNING = SharedPods.running(Pods.STARTED);

  private final Snapshot snapshot = Snapshots.initialized();
  private final Pod waiting = Pods.waiting(snapshot, "PodInitializing", null);

  @Test
  void findsFirstInitContainerThatHasNotCompleted() {
    // Given
    Pod done = SharedPods.withInit(waiting, "done", Pods.terminated(0, "Completed", null));
    Pod pod = SharedPods.withInit(done, "next", SharedPods.waiting("PodInitializing", null));

    // Then
    assertThat(OtherContainers.unfinishedInit(done)).isEmpty();
    assertThat(OtherContainers.unfinishedInit(pod)).map(ContainerStatus::getName).contains("next");
  }

  @Test
  void regardsSidecarThatHasStartedAsCompleted() {
    // Given
    Pod pod = SharedPods.withInit(waiting, PROXY, RUNNING);

    // Then
    assertThat(OtherContainers.unfinishedInit(sidecar(pod, false))).isPresent();
    assertThat(OtherContainers.unfinishedInit(sidecar(pod, true))).isEmpty();
  }

  @Test
  void findsContainerThatIsCreatedBeforeTheServer() {
    // Given
    Pod before = SharedPods.withContainer(waiting, PROXY, CREATING);

    // Then
    assertThat(OtherContainers.creatingBefore(before))
        .map(ContainerStatus::getName)
        .contains(PROXY);
    assertThat(OtherContainers.creatingBefore(after(before))).isEmpty();
    assertThat(OtherContainers.creatingBefore(waiting)).isEmpty();
  }

  @Test
  void tellsWhenContainersBeforeTheServerWereStarted() {
    // Given
    Pod before = SharedPods.withContainer(waiting, PROXY, RUNNING);

    // Then
    assertThat(OtherContainers.startsBefore(before)).containsExactly(Pods.STARTED);
    assertThat(OtherContainers.startsBefore(after(before))).isEmpty();
  }

  @Test
  void namesOtherContainersThatAreNotReady() {
    // Given
    Pod pod = SharedPods.withInit(waiting, "init", CREATING);

    // Then
    assertThat(OtherContainers.notReady(SharedPods.withContainer(pod, PROXY, CREATING)))
        .containsExactly("init", PROXY);
    assertThat(OtherContainers.notReady(Pods.started(snapshot))).isEmpty();
  }

  private static Pod sidecar(Pod pod, boolean started) {
    return new PodBuilder(pod)
        .editSpec()
        .editFirstInitContainer()
        .withRestartPolicy("Always")
        .endInitContainer()
        .endSpec()
        .editStatus()
        .editFirstInitContainerStatus()
        .withStarted(started)
        .endInitContainerStatus()
        .endStatus()
        .build();
  }

  private static Pod after(Pod pod) {
    return new PodBuilder(pod)
        .editSpec()
        .withContainers(pod.getSpec().getContainers().reversed())
        .endSpec()
        .build();
  }
}
