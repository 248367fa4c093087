package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** When a status is written, and when an instance is reconciled again without an event. */
final class Requeue {

  private static final Duration WHEN_READY = Duration.ofSeconds(60);

  /** Even where no event reports the end of a problem, it is noticed this soon at first. */
  private static final Duration SHORTEST = Duration.ofSeconds(5);

  private static final Duration LONGEST = Duration.ofSeconds(15);

  /** The delay is this part of the time for which the instance has not been ready. */
  private static final int FRACTION = 6;

  /** Most servers have started by then. */
  private static final Duration USUAL_START = Duration.ofSeconds(30);

  private Requeue() {}

  /**
   * Whether to write the status. During the first 30 s of a start, changes other than Ready are
   * held back.
   *
   * @param before the status that is written; null for none
   */
  static boolean shouldWrite(
      PostgresInstanceStatus before, PostgresInstanceStatus status, Instant now) {
    return !status.equals(before) && !(before != null && isHeldBack(before, status, now));
  }

  private static boolean isHeldBack(
      PostgresInstanceStatus before, PostgresInstanceStatus status, Instant now) {
    Optional<Condition> ready = status.condition(ConditionType.READY);
    return ready.equals(before.condition(ConditionType.READY))
        && ready
            .filter(condition -> condition.getReason().equals(Reason.STARTING.word()))
            .filter(condition -> notReadyFor(condition, now).compareTo(USUAL_START) < 0)
            .isPresent();
  }

  /**
   * The time until the next reconciliation: short while something is wrong, longer the longer it
   * has been wrong, so that many starting instances do not take the processor from each other.
   */
  static Duration delay(PostgresInstanceStatus status, Instant now) {
    return status
        .condition(ConditionType.READY)
        .filter(ready -> !"True".equals(ready.getStatus()))
        .map(ready -> notReadyFor(ready, now).dividedBy(FRACTION))
        .map(delay -> delay.compareTo(LONGEST) > 0 ? LONGEST : delay)
        .map(delay -> delay.compareTo(SHORTEST) < 0 ? SHORTEST : delay)
        .orElse(WHEN_READY);
  }

  private static Duration notReadyFor(Condition ready, Instant now) {
    return Duration.between(Instant.parse(ready.getLastTransitionTime()), now);
  }
}
