package dev.postgresinstance.operator.feature.storage;

import dev.postgresinstance.operator.feature.server.Restart;
import dev.postgresinstance.operator.instance.Labels;
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
 * Growth of a volume whose driver refuses to grow it while a pod uses it. A pod that is merely
 * restarted is back too early: it has to stay away until the driver has done its part, for a
 * limited time, and once for each size. What was tried is written on the StatefulSet, so that
 * another process of the operator goes on with it.
 */
public sealed interface OfflineGrowth {

  /** Nothing of that kind is to be done. */
  record None() implements OfflineGrowth {}

  /** The pod has to go for it, as soon as it may. */
  record Due() implements OfflineGrowth {}

  /**
   * The pod is away for it, or on its way.
   *
   * @param until when it comes back in any case; empty while it still ends
   */
  record Away(Optional<Instant> until) implements OfflineGrowth {}

  /**
   * The pod was away for it.
   *
   * @param inVain whether the driver has not grown the volume; otherwise the rest is for the node,
   *     which needs the pod
   */
  record Tried(Optional<Instant> until, boolean inVain) implements OfflineGrowth {}

  /** A driver that can do it takes seconds. */
  Duration PATIENCE = Duration.ofSeconds(90);

  /** The resizer asks its driver less and less often, every five minutes as it comes. */
  Duration MOST_PATIENCE = Duration.ofMinutes(6);

  /** By that word of CSI a driver says that the volume is in use. */
  String IN_USE = "FailedPrecondition";

  String RESIZE_ERROR = "ControllerResizeError";

  /** Where it stands. */
  static OfflineGrowth of(Snapshot snapshot, Instant now) {
    Optional<PersistentVolumeClaim> growing = DataClaim.growing(snapshot);
    if (growing.isEmpty() || snapshot.suspended()) {
      return new None();
    }
    boolean done = DataClaim.nodeHasToGrow(growing.get());
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

  /** Whether the pod has to go for it. */
  static boolean isDue(Snapshot snapshot) {
    return of(snapshot, Instant.EPOCH) instanceof Due;
  }

  /** The StatefulSet that goes with it. */
  default StatefulSet on(Snapshot snapshot, StatefulSet desired) {
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

  /** Another size, or a restart that a person asks for, is another attempt. */
  private static String attempt(Snapshot snapshot) {
    return DataClaim.size(snapshot.claim().orElseThrow())
        + Restart.asked(snapshot.instance()).map(token -> "/" + token).orElse("");
  }

  private static boolean isTried(Snapshot snapshot) {
    return annotation(snapshot, Labels.POD_AWAY_FOR).filter(attempt(snapshot)::equals).isPresent();
  }

  /** No pod is there and none is being made. */
  private static boolean isAway(Snapshot snapshot) {
    return snapshot.pod().isEmpty()
        && snapshot.statefulSet().filter(set -> set.getSpec().getReplicas() == 0).isPresent();
  }

  /**
   * How long the driver has refused already is about how long it may take until it is asked again.
   */
  private static Instant end(Snapshot snapshot, Instant now) {
    Duration refused =
        snapshot
            .claim()
            .flatMap(OfflineGrowth::refusal)
            .map(PersistentVolumeClaimCondition::getLastTransitionTime)
            .map(since -> Duration.between(Instant.parse(since), now))
            .orElse(PATIENCE);
    return now.truncatedTo(ChronoUnit.SECONDS)
        .plusSeconds(
            Math.clamp(refused.toSeconds(), PATIENCE.toSeconds(), MOST_PATIENCE.toSeconds()));
  }

  private static Optional<String> annotation(Snapshot snapshot, String name) {
    return snapshot
        .statefulSet()
        .flatMap(set -> Optional.ofNullable(set.getMetadata().getAnnotations()))
        .flatMap(annotations -> Optional.ofNullable(annotations.get(name)));
  }
}
