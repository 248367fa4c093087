package dev.postgresinstance.operator.instance;

import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.image.ImagePlan;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.feature.server.ServerStatefulSet;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Pods of instance {@code orders}, from the pod template that the operator would write. */
public final class Pods {

  /** Long enough after the creation of these pods that an image pull counts as failed. */
  public static final Instant NOW = Instant.parse("2026-01-01T00:01:00Z");

  /** Start of the container in every pod whose container runs. */
  public static final Instant STARTED = Instant.parse("2026-01-01T00:00:00Z");

  private Pods() {}

  /** The container runs, and its startup probe has succeeded. */
  public static Pod started(Snapshot snapshot) {
    return with(snapshot, status(running()).withStarted(true).build());
  }

  /** The container runs, and its startup probe has not succeeded yet. */
  public static Pod starting(Snapshot snapshot) {
    return with(snapshot, status(running()).build());
  }

  /** As {@link #starting}, after an earlier container ended. */
  public static Pod startingAgain(Snapshot snapshot, ContainerState before) {
    return with(snapshot, status(running()).withLastState(before).build());
  }

  /** As {@link #started}, after an earlier container ended. */
  public static Pod startedAgain(Snapshot snapshot, ContainerState before) {
    return with(snapshot, status(running()).withStarted(true).withLastState(before).build());
  }

  /** The container waits. */
  public static Pod waiting(Snapshot snapshot, String reason, String message) {
    return with(snapshot, status(waiting(reason, message)).build());
  }

  /** The container ended and waits for its next start. */
  public static Pod backingOff(Snapshot snapshot, ContainerState before) {
    return with(
        snapshot,
        status(waiting("CrashLoopBackOff", "back-off 10s restarting failed container"))
            .withLastState(before)
            .build());
  }

  /** The container has ended and was not started again yet. */
  public static Pod ended(Snapshot snapshot, ContainerState state) {
    return with(snapshot, status(state).build());
  }

  /** The state of a container that ended with this message. */
  public static ContainerState terminated(int exitCode, String reason, String message) {
    return new ContainerStateBuilder()
        .withNewTerminated()
        .withExitCode(exitCode)
        .withReason(reason)
        .withMessage(message)
        .endTerminated()
        .build();
  }

  /** The scheduler found no node. */
  public static Pod unscheduled(Snapshot snapshot, String message) {
    return new PodBuilder(with(snapshot))
        .editStatus()
        .withConditions(
            new PodConditionBuilder()
                .withType("PodScheduled")
                .withStatus("False")
                .withReason("Unschedulable")
                .withMessage(message)
                .build())
        .endStatus()
        .build();
  }

  /** The pod after its deletion was requested. */
  public static Pod terminating(Pod pod) {
    return new PodBuilder(pod)
        .editMetadata()
        .withDeletionTimestamp("2026-01-01T00:00:00Z")
        .endMetadata()
        .build();
  }

  /** The desired StatefulSet of these pods. */
  public static StatefulSet statefulSet(
      Snapshot snapshot, PostgresImages images, Optional<DataRecord> record) {
    return ServerStatefulSet.desired(snapshot, ImagePlan.of(snapshot, images, record, NOW), record);
  }

  private static ContainerState running() {
    return new ContainerStateBuilder().withNewRunning(STARTED.toString()).build();
  }

  private static ContainerState waiting(String reason, String message) {
    return new ContainerStateBuilder()
        .withNewWaiting()
        .withReason(reason)
        .withMessage(message)
        .endWaiting()
        .build();
  }

  private static ContainerStatusBuilder status(ContainerState state) {
    return new ContainerStatusBuilder()
        .withName(Names.CONTAINER)
        .withContainerID("containerd://1")
        .withState(state);
  }

  private static Pod with(Snapshot snapshot, ContainerStatus... statuses) {
    var template =
        statefulSet(snapshot, PostgresImages.DEFAULT, Optional.empty()).getSpec().getTemplate();
    return new PodBuilder()
        .withMetadata(template.getMetadata())
        .editMetadata()
        .withName(Names.pod(snapshot.instance()))
        .withNamespace(snapshot.instance().getMetadata().getNamespace())
        .withUid("6f1f3c4e-0000-4000-8000-00000000000a")
        .endMetadata()
        .withSpec(template.getSpec())
        .withNewStatus()
        .withHostIP("172.18.0.2")
        .withContainerStatuses(List.of(statuses))
        .endStatus()
        .build();
  }
}
