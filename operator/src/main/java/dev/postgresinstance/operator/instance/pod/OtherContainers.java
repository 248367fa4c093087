package dev.postgresinstance.operator.instance.pod;

import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.WaitingReason;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateRunning;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The containers in the database pod that the operator did not add: admission webhooks add them,
 * for example those of a service mesh. All init containers are of this kind.
 */
public final class OtherContainers {

  private static final String ALWAYS = "Always";

  private OtherContainers() {}

  /** The first init container that has not completed; a sidecar completes when it has started. */
  public static Optional<ContainerStatus> unfinishedInit(Pod pod) {
    Set<String> sidecars =
        pod.getSpec().getInitContainers().stream()
            .filter(container -> ALWAYS.equals(container.getRestartPolicy()))
            .map(Container::getName)
            .collect(Collectors.toSet());
    return pod.getStatus().getInitContainerStatuses().stream()
        .filter(status -> !isFinished(status, sidecars.contains(status.getName())))
        .findFirst();
  }

  private static boolean isFinished(ContainerStatus status, boolean isSidecar) {
    return isSidecar
        ? Boolean.TRUE.equals(status.getStarted())
        : Optional.ofNullable(status.getState())
            .map(ContainerState::getTerminated)
            .filter(end -> Objects.equals(end.getExitCode(), 0))
            .isPresent();
  }

  /**
   * The container that the kubelet is creating now and that it creates before the server's: the
   * kubelet creates one container after the other, and waits for the pull and the postStart hook of
   * each.
   */
  public static Optional<ContainerStatus> creatingBefore(Pod pod) {
    return before(pod)
        .filter(
            status ->
                Optional.ofNullable(status.getState())
                    .map(ContainerState::getWaiting)
                    .filter(WaitingReason::isCreating)
                    .isPresent())
        .findFirst();
  }

  /** When the containers were started that the kubelet creates before the server's. */
  public static Stream<Instant> startsBefore(Pod pod) {
    return before(pod)
        .filter(status -> Objects.requireNonNullElse(status.getRestartCount(), 0) == 0)
        .flatMap(status -> runningSince(status).stream());
  }

  private static Stream<ContainerStatus> before(Pod pod) {
    Set<String> names =
        pod.getSpec().getContainers().stream()
            .map(Container::getName)
            .takeWhile(name -> !Names.CONTAINER.equals(name))
            .collect(Collectors.toSet());
    return pod.getStatus().getContainerStatuses().stream()
        .filter(status -> names.contains(status.getName()));
  }

  /** The containers beside the server's, sidecars among them, that are not ready. */
  public static List<String> notReady(Pod pod) {
    Stream<ContainerStatus> beside =
        pod.getStatus().getContainerStatuses().stream()
            .filter(status -> !Names.CONTAINER.equals(status.getName()));
    return Stream.concat(pod.getStatus().getInitContainerStatuses().stream(), beside)
        .filter(status -> !Boolean.TRUE.equals(status.getReady()))
        .map(ContainerStatus::getName)
        .toList();
  }

  /** When a container was started, while it runs. */
  public static Optional<Instant> runningSince(ContainerStatus status) {
    return Optional.ofNullable(status.getState())
        .map(ContainerState::getRunning)
        .map(ContainerStateRunning::getStartedAt)
        .map(Instant::parse);
  }

  /** Reference of the image of a container, as the node pulls it. */
  public static String image(Pod pod, String container) {
    return Stream.concat(
            pod.getSpec().getInitContainers().stream(), pod.getSpec().getContainers().stream())
        .filter(c -> container.equals(c.getName()))
        .map(Container::getImage)
        .findFirst()
        .orElse("");
  }
}
