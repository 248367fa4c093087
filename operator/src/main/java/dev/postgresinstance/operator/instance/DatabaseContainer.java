package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateRunning;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the container that runs the server, always by its name: admission webhooks add containers
 * before and after it, and the kubelet lists container statuses in the order of their names.
 */
public final class DatabaseContainer {

  private DatabaseContainer() {}

  /** The container in a pod. */
  public static Optional<Container> of(Pod pod) {
    return of(pod.getSpec());
  }

  /** The container in the pod template of a StatefulSet. */
  public static Optional<Container> of(StatefulSet statefulSet) {
    return of(statefulSet.getSpec().getTemplate().getSpec());
  }

  private static Optional<Container> of(PodSpec spec) {
    return spec.getContainers().stream()
        .filter(container -> Names.CONTAINER.equals(container.getName()))
        .findFirst();
  }

  /**
   * Reference of the image in the pod template from which a pod was created, which is what the
   * operator has requested. The pod itself may have another one: admission webhooks replace
   * references by those of a mirror, or by digests.
   *
   * @param statefulSet tells the reference of a pod that an earlier version of the operator
   *     created, if the pod template has not changed since
   */
  public static Optional<String> requestedImage(Pod pod, Optional<StatefulSet> statefulSet) {
    return Annotations.get(pod, Labels.TEMPLATE_IMAGE)
        .or(
            () ->
                statefulSet
                    .filter(set -> isCreatedFrom(set, pod))
                    .flatMap(DatabaseContainer::requestedImage))
        .or(() -> image(pod));
  }

  /** Reference of the image in a pod template as the operator has written it. */
  public static Optional<String> requestedImage(StatefulSet statefulSet) {
    return Optional.ofNullable(templateAnnotations(statefulSet).get(Labels.TEMPLATE_IMAGE))
        .or(() -> of(statefulSet).map(Container::getImage));
  }

  private static boolean isCreatedFrom(StatefulSet statefulSet, Pod pod) {
    return Annotations.get(pod, Labels.TEMPLATE_HASH)
        .filter(hash -> hash.equals(templateAnnotations(statefulSet).get(Labels.TEMPLATE_HASH)))
        .isPresent();
  }

  private static Map<String, String> templateAnnotations(StatefulSet statefulSet) {
    return Annotations.of(statefulSet.getSpec().getTemplate().getMetadata());
  }

  /** Reference of the image in a pod's spec, which is what the node pulls. */
  public static Optional<String> image(Pod pod) {
    return of(pod).map(Container::getImage);
  }

  /** Status of the container; empty before the kubelet has reported one. */
  public static Optional<ContainerStatus> status(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .filter(status -> Names.CONTAINER.equals(status.getName()))
        .findFirst();
  }

  /** State of the container now. */
  public static Optional<ContainerState> state(Pod pod) {
    return status(pod).map(ContainerStatus::getState);
  }

  /** When the container was started, while it runs. */
  public static Optional<Instant> runningSince(Pod pod) {
    return state(pod)
        .map(ContainerState::getRunning)
        .map(ContainerStateRunning::getStartedAt)
        .map(Instant::parse);
  }

  /** Whether the container runs now. */
  public static boolean isRunning(Pod pod) {
    return state(pod).map(ContainerState::getRunning).isPresent();
  }

  /** Identity of the container while it runs: another one follows each start. */
  public static Optional<String> runningId(Pod pod) {
    return status(pod).filter(status -> isRunning(pod)).map(ContainerStatus::getContainerID);
  }

  /** Whether the startup probe has succeeded. */
  public static boolean isStarted(Pod pod) {
    return status(pod).filter(status -> Boolean.TRUE.equals(status.getStarted())).isPresent();
  }

  /** Whether the readiness probe succeeds. */
  public static boolean isReady(Pod pod) {
    return status(pod).filter(status -> Boolean.TRUE.equals(status.getReady())).isPresent();
  }

  /** How the container ended: now, or before its last restart. */
  public static Optional<ContainerStateTerminated> lastTermination(Pod pod) {
    return state(pod)
        .map(ContainerState::getTerminated)
        .or(
            () ->
                status(pod).map(ContainerStatus::getLastState).map(ContainerState::getTerminated));
  }
}
