package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.RestartPolicy;
import dev.postgresinstance.operator.feature.configuration.ConfigurationPlan;
import dev.postgresinstance.operator.feature.configuration.ServerSettings;
import dev.postgresinstance.operator.feature.data.OpenConsent;
import dev.postgresinstance.operator.feature.storage.OfflineGrowth;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.RestartRequest;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.WaitingReason;
import dev.postgresinstance.operator.instance.pod.RolloutRestart;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether the pod has to be replaced: when the user requests a restart, or changes something that
 * takes effect by a restart only, or when no server can start in the pod. Never because another
 * version of the operator would render the pod differently.
 */
public sealed interface Restart {

  /** The container of a new pod runs sooner than this, where nothing prevents it. */
  Duration USUAL_START = Duration.ofSeconds(10);

  /** Why a pod in which no server runs is replaced. */
  String NO_SERVER = "no server runs in it and the next pod is different";

  /** Everything is in force. */
  record None() implements Restart {}

  /**
   * The pod has to be deleted.
   *
   * @param why part of a sentence
   */
  record Due(String why) implements Restart {}

  /**
   * The pod has to be deleted as soon as its server has run for a while.
   *
   * @param why part of a sentence
   */
  record Postponed(String why) implements Restart {}

  /**
   * The pod stays, and something waits for the next restart.
   *
   * @param what parts of a sentence
   */
  record Waiting(List<String> what) implements Restart {}

  /**
   * The decision.
   *
   * @param pod the pod as it is
   * @param desired the StatefulSet from which the next pod is created
   * @param settings what the server in the pod has reported, if it has
   * @param now time of the reconciliation
   */
  static Restart of(
      Snapshot snapshot,
      Pod pod,
      StatefulSet desired,
      ConfigurationPlan plan,
      Optional<ServerSettings> settings,
      Instant now) {
    if (pod.getMetadata().getDeletionTimestamp() != null) {
      return new None();
    }
    if (!DatabaseContainer.isRunning(pod)) {
      boolean isDifferent =
          differs(pod, desired, Labels.TEMPLATE_HASH)
              || OpenConsent.differs(pod, desired)
              || OfflineGrowth.isDue(snapshot);
      return isDifferent && isStuck(pod, now) ? new Due(NO_SERVER) : new None();
    }
    // What the server reported about another file says nothing about this one.
    return ofRunning(
        snapshot, pod, desired, plan, settings.filter(s -> s.isSettled(plan.expected())), now);
  }

  private static Restart ofRunning(
      Snapshot snapshot,
      Pod pod,
      StatefulSet desired,
      ConfigurationPlan plan,
      Optional<ServerSettings> settled,
      Instant now) {
    if (RestartRequest.of(snapshot.instance()).isPresent()
        && differs(pod, desired, Labels.RESTART)) {
      return new Due("a restart was requested");
    }
    boolean isRolloutDue = RolloutRestart.isDue(snapshot, pod, desired);
    if (isRolloutDue && RolloutRestart.mayInterrupt(pod, now)) {
      return new Due(RolloutRestart.WHY);
    }
    List<String> byUser = changedByUser(snapshot, pod, desired);
    settled.map(plan::changedByUser).ifPresent(names -> byUser.addAll(parameters(names)));
    if (!byUser.isEmpty()) {
      return snapshot.instance().getSpec().restartPolicy() == RestartPolicy.MANUAL
          ? new Waiting(byUser)
          : new Due("the spec changed " + String.join(" and ", byUser));
    }
    if (isRolloutDue) {
      return new Postponed(RolloutRestart.WHY);
    }
    List<String> byOperator = changedByOperator(pod, desired, settled);
    return byOperator.isEmpty() ? new None() : new Waiting(byOperator);
  }

  /** What another version of the operator does differently: it never causes a restart. */
  private static List<String> changedByOperator(
      Pod pod, StatefulSet desired, Optional<ServerSettings> settled) {
    List<String> changes = new ArrayList<>();
    settled.map(ServerSettings::pendingRestart).ifPresent(n -> changes.addAll(parameters(n)));
    if (differs(pod, desired, Labels.TEMPLATE_HASH)) {
      changes.add("changes of this operator version or of its default images");
    }
    return changes;
  }

  private static List<String> parameters(List<String> names) {
    return names.isEmpty() ? List.of() : List.of("the parameters " + String.join(", ", names));
  }

  /** Changes of the spec that take effect by a restart, without parameters. */
  private static List<String> changedByUser(Snapshot snapshot, Pod pod, StatefulSet desired) {
    List<String> changes = new ArrayList<>();
    if (differs(pod, desired, Labels.ASKED_IMAGE)
        && !DatabaseContainer.requestedImage(pod, Optional.of(desired))
            .equals(DatabaseContainer.requestedImage(desired))) {
      changes.add("the image");
    }
    if (differs(pod, desired, Labels.RESTART_HASH)) {
      changes.add("the resources or the settings of the pod");
    }
    if (OfflineGrowth.isDue(snapshot)) {
      changes.add("the size of the volume, which can grow only while no pod uses it");
    }
    return changes;
  }

  /**
   * Whether no server will run in the pod soon. A pod that was just created, or whose container has
   * just ended, starts by itself; replacing it would be one more restart.
   */
  private static boolean isStuck(Pod pod, Instant now) {
    boolean isUnscheduled = PodState.falseCondition(pod, "PodScheduled").isPresent();
    Optional<ContainerState> state = DatabaseContainer.state(pod);
    boolean isPrevented =
        state
            .map(ContainerState::getWaiting)
            .filter(waiting -> !WaitingReason.isCreating(waiting))
            .filter(waiting -> !WaitingReason.isInitializing(waiting))
            .isPresent();
    boolean hasEnded = state.map(ContainerState::getTerminated).isPresent();
    return isUnscheduled || isPrevented || (!hasEnded && isOlderThan(USUAL_START, pod, now));
  }

  private static boolean isOlderThan(Duration age, Pod pod, Instant now) {
    return Optional.ofNullable(pod.getMetadata().getCreationTimestamp())
        .map(Instant::parse)
        .filter(created -> created.plus(age).isAfter(now))
        .isEmpty();
  }

  private static boolean differs(Pod pod, StatefulSet desired, String annotation) {
    return !Optional.ofNullable(
            Annotations.of(desired.getSpec().getTemplate().getMetadata()).get(annotation))
        .equals(Annotations.get(pod, annotation));
  }
}
