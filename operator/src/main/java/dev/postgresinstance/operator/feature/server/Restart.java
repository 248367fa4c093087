package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.RestartPolicy;
import dev.postgresinstance.operator.feature.configuration.ConfigurationPlan;
import dev.postgresinstance.operator.feature.configuration.ServerSettings;
import dev.postgresinstance.operator.feature.data.UserConsent;
import dev.postgresinstance.operator.feature.image.ImagePlan;
import dev.postgresinstance.operator.feature.storage.OfflineGrowth;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the pod has to make room for a new one. It has when the user asked for a restart or for
 * something that only a restart brings, or when no server can start in it; never because another
 * version of the operator would make it otherwise.
 */
public sealed interface Restart {

  /** So soon does the container of a new pod run, where nothing hinders it. */
  Duration SOON = Duration.ofSeconds(10);

  /** How a kubelet calls it while it makes a container. */
  String UNDER_WAY = "ContainerCreating";

  /** Why a pod makes room that disturbs nobody. */
  String NO_SERVER = "no server runs in it and the next one is made otherwise";

  /** Everything is in force. */
  record None() implements Restart {}

  /**
   * The pod has to go.
   *
   * @param why in words for the log
   */
  record Due(String why) implements Restart {}

  /**
   * It stays, and something waits for the next restart.
   *
   * @param what for people
   */
  record Waits(List<String> what) implements Restart {}

  /** Which restart the user has asked for by annotation, if one. */
  static Optional<String> asked(PostgresInstance instance) {
    return Optional.ofNullable(instance.getMetadata().getAnnotations())
        .map(annotations -> annotations.get(Labels.RESTART))
        .filter(token -> !token.isBlank());
  }

  /**
   * The decision.
   *
   * @param pod the pod as it is
   * @param desired the StatefulSet, by which the next pod is made
   * @param settings what the server in the pod has said, if it has
   * @param now the time of the pass
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
    if (!runs(pod)) {
      boolean otherwise =
          differs(pod, desired, Labels.TEMPLATE_HASH)
              || UserConsent.differs(pod, desired)
              || OfflineGrowth.isDue(snapshot);
      return otherwise && isStuck(pod, now) ? new Due(NO_SERVER) : new None();
    }
    // What it says of the file before tells nothing of what this one needs, or whether it is
    // refused.
    return ofRunning(
        snapshot, pod, desired, plan, settings.filter(s -> s.settled(plan.expected())));
  }

  private static Restart ofRunning(
      Snapshot snapshot,
      Pod pod,
      StatefulSet desired,
      ConfigurationPlan plan,
      Optional<ServerSettings> settled) {
    if (asked(snapshot.instance()).isPresent() && differs(pod, desired, Labels.RESTART)) {
      return new Due("a restart was asked for");
    }
    List<String> byUser = byUser(snapshot, pod, desired);
    settled.map(plan::changedByUser).ifPresent(names -> byUser.addAll(parameters(names)));
    if (!byUser.isEmpty()
        && snapshot.instance().getSpec().restartPolicy() != RestartPolicy.MANUAL) {
      return new Due("the spec changed " + String.join(" and ", byUser));
    }
    if (byUser.isEmpty()) {
      settled.map(ServerSettings::pendingRestart).ifPresent(n -> byUser.addAll(parameters(n)));
      if (differs(pod, desired, Labels.TEMPLATE_HASH)) {
        byUser.add("what this version of the operator or its table of images makes otherwise");
      }
    }
    return byUser.isEmpty() ? new None() : new Waits(byUser);
  }

  private static List<String> parameters(List<String> names) {
    return names.isEmpty() ? List.of() : List.of("the parameters " + String.join(", ", names));
  }

  /** What the spec asks for that only a restart brings, the parameters not counted. */
  private static List<String> byUser(Snapshot snapshot, Pod pod, StatefulSet desired) {
    List<String> byUser = new ArrayList<>();
    if (differs(pod, desired, Labels.ASKED_IMAGE) && !ImagePlan.of(pod).equals(image(desired))) {
      byUser.add("the image");
    }
    if (differs(pod, desired, Labels.RESTART_HASH)) {
      byUser.add("the resources or the settings of the pod");
    }
    if (OfflineGrowth.isDue(snapshot)) {
      byUser.add("the size of the volume, which grows only while no pod uses it");
    }
    return byUser;
  }

  private static String image(StatefulSet desired) {
    return desired.getSpec().getTemplate().getSpec().getContainers().getFirst().getImage();
  }

  /** Whether there is a server that could be disturbed. */
  static boolean runs(Pod pod) {
    return PodState.running(pod).findAny().isPresent();
  }

  /**
   * Whether its server will not be there in a moment. One that has just been made, or whose
   * container has just ended, starts by itself, and to replace it would be another restart.
   */
  private static boolean isStuck(Pod pod, Instant now) {
    boolean unscheduled = PodState.refused(pod, "PodScheduled").isPresent();
    Optional<ContainerState> state =
        pod.getStatus().getContainerStatuses().stream().findFirst().map(ContainerStatus::getState);
    boolean hindered =
        state
            .map(ContainerState::getWaiting)
            .filter(waiting -> !UNDER_WAY.equals(waiting.getReason()))
            .isPresent();
    boolean hasEnded = state.map(ContainerState::getTerminated).isPresent();
    return unscheduled || hindered || (!hasEnded && isOlderThan(SOON, pod, now));
  }

  private static boolean isOlderThan(Duration age, Pod pod, Instant now) {
    return Optional.ofNullable(pod.getMetadata().getCreationTimestamp())
        .map(Instant::parse)
        .filter(made -> made.plus(age).isAfter(now))
        .isEmpty();
  }

  private static boolean differs(Pod pod, StatefulSet desired, String annotation) {
    Map<String, String> present =
        Optional.ofNullable(pod.getMetadata().getAnnotations()).orElse(Map.of());
    Map<String, String> next = desired.getSpec().getTemplate().getMetadata().getAnnotations();
    return !Optional.ofNullable(next.get(annotation))
        .equals(Optional.ofNullable(present.get(annotation)));
  }
}
