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

/** Pods of instance {@code orders}, made from the template that is desired of that world. */
public final class Pods {

  /** So long after those pods were made that nobody waits for their image any more. */
  public static final Instant NOW = Instant.parse("2026-01-01T00:01:00Z");

  /** When the container of those pods was started that run. */
  public static final Instant STARTED = Instant.parse("2026-01-01T00:00:00Z");

  private Pods() {}

  /** Its container runs and has passed the start-up probe. */
  public static Pod started(Snapshot snapshot) {
    return with(snapshot, status(running()).withStarted(true).build());
  }

  /** Its container runs; the start-up probe has not succeeded yet. */
  public static Pod starting(Snapshot snapshot) {
    return with(snapshot, status(running()).build());
  }

  /** As {@link #starting}, after the container before ended. */
  public static Pod startingAgain(Snapshot snapshot, ContainerState before) {
    return with(snapshot, status(running()).withLastState(before).build());
  }

  /** As {@link #started}, after the container before ended. */
  public static Pod startedAgain(Snapshot snapshot, ContainerState before) {
    return with(snapshot, status(running()).withStarted(true).withLastState(before).build());
  }

  /** Its container waits. */
  public static Pod waiting(Snapshot snapshot, String reason, String message) {
    return with(snapshot, status(waiting(reason, message)).build());
  }

  /** Its container waits to be started again after it ended. */
  public static Pod backingOff(Snapshot snapshot, ContainerState before) {
    return with(
        snapshot,
        status(waiting("CrashLoopBackOff", "back-off 10s restarting failed container"))
            .withLastState(before)
            .build());
  }

  /** Its container has ended just now. */
  public static Pod ended(Snapshot snapshot, ContainerState state) {
    return with(snapshot, status(state).build());
  }

  /** The state of a container that ended with that message. */
  public static ContainerState terminated(int exitCode, String reason, String message) {
    return new ContainerStateBuilder()
        .withNewTerminated()
        .withExitCode(exitCode)
        .withReason(reason)
        .withMessage(message)
        .endTerminated()
        .build();
  }

  /** No node has been found for it. */
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

  /** That pod after its deletion was asked for. */
  public static Pod dying(Pod pod) {
    return new PodBuilder(pod)
        .editMetadata()
        .withDeletionTimestamp("2026-01-01T00:00:00Z")
        .endMetadata()
        .build();
  }

  /** The StatefulSet as it should be, of which those pods are. */
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
