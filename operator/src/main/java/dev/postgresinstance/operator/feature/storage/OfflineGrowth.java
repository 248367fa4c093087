package dev.postgresinstance.operator.feature.storage;

import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.RestartRequest;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimCondition;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Growth of a volume whose driver refuses to expand it while a pod uses it. A restarted pod would
 * be back too early, so the pod is stopped until the driver has expanded the volume, for a limited
 * time and once for each size. The attempt is recorded on the StatefulSet, so that another operator
 * process continues it.
 */
public sealed interface OfflineGrowth {

  /** No pod has to be stopped. */
  record None() implements OfflineGrowth {}

  /** The pod has to be stopped as soon as the restart policy allows it. */
  record Due() implements OfflineGrowth {}

  /**
   * The pod is stopped, or is stopping.
   *
   * @param until when it starts again at the latest; empty while it is stopping
   */
  record Away(Optional<Instant> until) implements OfflineGrowth {}

  /**
   * The pod was stopped before.
   *
   * @param until when the attempt ended at the latest
   * @param inVain whether the driver has not expanded the volume; otherwise the node expands the
   *     file system next, for which it needs the pod
   */
  record Tried(Optional<Instant> until, boolean inVain) implements OfflineGrowth {}

  /** A driver that can expand an unused volume takes seconds. */
  Duration SHORTEST_STOP = Duration.ofSeconds(90);

  /** external-resizer retries ever less often, up to every five minutes. */
  Duration LONGEST_STOP = Duration.ofMinutes(6);

  /** Error code of CSI by which a driver says that the volume is in use. */
  String IN_USE = "FailedPrecondition";

  /** Condition of a claim whose volume the driver failed to expand. */
  String RESIZE_ERROR = "ControllerResizeError";

  /** The state of the growth. */
  static OfflineGrowth of(Snapshot snapshot, Instant now) {
    Optional<PersistentVolumeClaim> growing = DataClaim.growing(snapshot);
    if (growing.isEmpty() || snapshot.suspended()) {
      return new None();
    }
    boolean done = DataClaim.isFileSystemResizePending(growing.get());
    if (isTried(snapshot)) {
      Optional<Instant> until =
          annotation(snapshot, Labels.POD_AWAY_UNTIL)
              .filter(seconds -> seconds.matches("\\d{1,11}"))
              .map(seconds -> Instant.ofEpochSecond(Long.parseLong(seconds)));
      boolean over = until.filter(end -> !end.isAfter(now)).isPresent();
      return done || over
          ? new Tried(until, !done)
          : new Away(
              snapshot.pod().isPresent() ? until : until.or(() -> Optional.of(end(snapshot, now))));
    }
    if (done || refusal(growing.get()).isEmpty()) {
      return new None();
    }
    return isAway(snapshot) ? new Away(Optional.of(end(snapshot, now))) : new Due();
  }

  /** Whether the pod has to be stopped. */
  static boolean isDue(Snapshot snapshot) {
    return of(snapshot, Instant.EPOCH) instanceof Due;
  }

  /** The StatefulSet in this state. */
  default StatefulSet applyTo(Snapshot snapshot, StatefulSet desired) {
    return switch (this) {
      case None none -> desired;
      case Due due -> desired;
      case Away away ->
          marked(snapshot, desired, away.until()).editSpec().withReplicas(0).endSpec().build();
      case Tried tried -> marked(snapshot, desired, tried.until()).build();
    };
  }

  private static StatefulSetBuilder marked(
      Snapshot snapshot, StatefulSet desired, Optional<Instant> until) {
    Map<String, String> annotations = new TreeMap<>(Map.of(Labels.POD_AWAY_FOR, attempt(snapshot)));
    until
        .map(end -> String.valueOf(end.getEpochSecond()))
        .ifPresent(end -> annotations.put(Labels.POD_AWAY_UNTIL, end));
    return new StatefulSetBuilder(desired)
        .editMetadata()
        .addToAnnotations(annotations)
        .endMetadata();
  }

  private static Optional<PersistentVolumeClaimCondition> refusal(PersistentVolumeClaim claim) {
    return DataClaim.condition(claim, RESIZE_ERROR)
        .filter(error -> String.valueOf(error.getMessage()).contains(IN_USE));
  }

  /** Another size, or a restart that the user requests, is another attempt. */
  private static String attempt(Snapshot snapshot) {
    return RestartRequest.keyOf(
        snapshot.instance(),
        DataClaim.size(snapshot.get(ObjectKey.CLAIM).orElseThrow()).toString());
  }

  private static boolean isTried(Snapshot snapshot) {
    return annotation(snapshot, Labels.POD_AWAY_FOR).filter(attempt(snapshot)::equals).isPresent();
  }

  /** No pod exists and none is being created. */
  private static boolean isAway(Snapshot snapshot) {
    return snapshot.pod().isEmpty()
        && snapshot
            .get(ObjectKey.STATEFUL_SET)
            .filter(set -> set.getSpec().getReplicas() == 0)
            .isPresent();
  }

  /** The resizer retries after about the time for which the driver has refused already. */
  private static Instant end(Snapshot snapshot, Instant now) {
    Duration refused =
        snapshot
            .get(ObjectKey.CLAIM)
            .flatMap(OfflineGrowth::refusal)
            .map(PersistentVolumeClaimCondition::getLastTransitionTime)
            .map(since -> Duration.between(Instant.parse(since), now))
            .orElse(SHORTEST_STOP);
    return now.truncatedTo(ChronoUnit.SECONDS)
        .plusSeconds(
            Math.clamp(refused.toSeconds(), SHORTEST_STOP.toSeconds(), LONGEST_STOP.toSeconds()));
  }

  private static Optional<String> annotation(Snapshot snapshot, String name) {
    return Annotations.get(snapshot.get(ObjectKey.STATEFUL_SET), name);
  }
}
