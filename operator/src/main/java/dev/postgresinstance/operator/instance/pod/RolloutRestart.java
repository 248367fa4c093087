package dev.postgresinstance.operator.instance.pod;

import dev.postgresinstance.api.v1alpha1.PodSettings;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;

/**
 * The restart that {@code kubectl rollout restart statefulset/NAME} requests. It sets an annotation
 * of the pod template, which each pod has with the value at its creation. The StatefulSet replaces
 * no pod because of it, so the operator does, once for each value.
 *
 * <p>The value that needs no restart any more is recorded on the StatefulSet. When the operator
 * sees a StatefulSet without a record for the first time, it records the present value: earlier
 * versions of the operator ignored it, and an upgrade must not restart anything.
 */
public final class RolloutRestart {

  /** Set by kubectl, and by other tools for the same purpose. */
  public static final String ANNOTATION = "kubectl.kubernetes.io/restartedAt";

  /** Why a pod is replaced. */
  public static final String WHY =
      "a restart was requested by the annotation %s of the StatefulSet".formatted(ANNOTATION);

  /** Requests in quick succession leave the server running for this time in between. */
  private static final Duration MINIMUM_RUN = Duration.ofSeconds(20);

  private RolloutRestart() {}

  /** The value to record on the StatefulSet. */
  public static String settled(Snapshot snapshot) {
    Optional<StatefulSet> present = snapshot.get(ObjectKey.STATEFUL_SET);
    String requested = present.flatMap(set -> requested(snapshot.instance(), set)).orElse("");
    return present
        .filter(set -> snapshot.activePod().filter(pod -> isDue(snapshot, pod, set)).isPresent())
        .flatMap(RolloutRestart::recorded)
        .orElse(requested);
  }

  /** Whether a restart was requested that this pod has not had. */
  public static boolean isDue(Snapshot snapshot, Pod pod, StatefulSet statefulSet) {
    Optional<String> recorded = recorded(statefulSet);
    return requested(snapshot.instance(), statefulSet)
        .filter(value -> recorded.isPresent() && !recorded.get().equals(value))
        .filter(value -> !hasHad(pod, value))
        .isPresent();
  }

  /**
   * Whether a server may be interrupted now: a tool that requests restarts faster than the server
   * starts must not keep it from running.
   */
  public static boolean mayInterrupt(Pod pod, Instant now) {
    return DatabaseContainer.isStarted(pod)
        && DatabaseContainer.runningSince(pod)
            .filter(since -> !since.plus(MINIMUM_RUN).isAfter(now))
            .isPresent();
  }

  private static Optional<String> recorded(HasMetadata statefulSet) {
    return Annotations.get(statefulSet, Labels.ROLLOUT_RESTART);
  }

  /** Not what the spec sets: a changed annotation of the pod follows the restart policy. */
  private static Optional<String> requested(PostgresInstance instance, StatefulSet statefulSet) {
    boolean isOfSpec =
        Optional.ofNullable(instance.getSpec().pod())
            .map(PodSettings::annotations)
            .orElse(Map.of())
            .containsKey(ANNOTATION);
    return Optional.ofNullable(statefulSet.getSpec())
        .map(spec -> Annotations.of(spec.getTemplate().getMetadata()).get(ANNOTATION))
        .filter(value -> !isOfSpec && !value.isBlank());
  }

  /** A value older than the pod's comes from an undone change of the template. */
  private static boolean hasHad(Pod pod, String value) {
    Optional<String> present = Annotations.get(pod, ANNOTATION);
    Optional<Instant> time = time(value);
    return present.filter(value::equals).isPresent()
        || present
            .flatMap(RolloutRestart::time)
            .filter(podTime -> time.filter(podTime::isAfter).isPresent())
            .isPresent();
  }

  private static Optional<Instant> time(String value) {
    try {
      return Optional.of(OffsetDateTime.parse(value).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
