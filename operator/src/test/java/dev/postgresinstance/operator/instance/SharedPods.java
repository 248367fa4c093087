package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;

/** Pods that an admission webhook has changed. */
public final class SharedPods {

  /** Where a mirror has the image of every pod of {@link #mirrored}. */
  public static final String MIRROR = "mirror.example/postgres@sha256:0123";

  private SharedPods() {}

  /** The pod whose image a webhook has replaced by that of a mirror. */
  public static Pod mirrored(Pod pod) {
    return new PodBuilder(pod)
        .editSpec()
        .editMatchingContainer(c -> Names.CONTAINER.equals(c.getName()))
        .withImage(MIRROR)
        .endContainer()
        .endSpec()
        .build();
  }

  /** The pod as an earlier version of the operator has created it. */
  public static Pod withoutTemplateImage(Pod pod) {
    return new PodBuilder(pod)
        .editMetadata()
        .removeFromAnnotations(Labels.TEMPLATE_IMAGE)
        .endMetadata()
        .build();
  }

  /** The pod with a container in this state before the server's. */
  public static Pod withContainer(Pod pod, String name, ContainerState state) {
    return new PodBuilder(pod)
        .editSpec()
        .addToContainers(
            0, new ContainerBuilder().withName(name).withImage("registry.example/" + name).build())
        .endSpec()
        .editStatus()
        .addToContainerStatuses(
            0, new ContainerStatusBuilder().withName(name).withState(state).build())
        .endStatus()
        .build();
  }

  /** The pod with an init container in this state. */
  public static Pod withInit(Pod pod, String name, ContainerState state) {
    return new PodBuilder(pod)
        .editSpec()
        .addNewInitContainer()
        .withName(name)
        .withImage("registry.example/" + name)
        .endInitContainer()
        .endSpec()
        .editStatus()
        .addNewInitContainerStatus()
        .withName(name)
        .withState(state)
        .endInitContainerStatus()
        .endStatus()
        .build();
  }

  /** The pod with a condition that became True at this time. */
  public static Pod withCondition(Pod pod, String type, Instant since) {
    return new PodBuilder(pod)
        .editStatus()
        .addNewCondition()
        .withType(type)
        .withStatus("True")
        .withLastTransitionTime(since.toString())
        .endCondition()
        .endStatus()
        .build();
  }

  /** The state of a container that waits. */
  public static ContainerState waiting(String reason, String message) {
    return new ContainerStateBuilder()
        .withNewWaiting()
        .withReason(reason)
        .withMessage(message)
        .endWaiting()
        .build();
  }

  /** The state of a container that runs. */
  public static ContainerState running(Instant since) {
    return new ContainerStateBuilder().withNewRunning(since.toString()).build();
  }
}
