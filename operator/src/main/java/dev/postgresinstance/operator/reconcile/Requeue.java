package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** When a status is written, and when an instance is reconciled again without an event. */
final class Requeue {

  private static final Duration WHEN_READY = Duration.ofSeconds(60);

  /** Even where no event reports the end of a problem, it is noticed this soon at first. */
  private static final Duration SHORTEST = Duration.ofSeconds(5);

  private static final Duration LONGEST = Duration.ofSeconds(60);

  /** Where the end of a problem is urgent, or a reconciliation costs next to nothing. */
  private static final Duration LONGEST_IF_URGENT = Duration.ofSeconds(15);

  /** The delay is this part of the time in which nothing has changed. */
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
   * The time until the next reconciliation of an instance that was read. While it is not ready,
   * this time is short at first, and longer the longer nothing has changed: changes of the
   * instance, of its objects and of logins start a reconciliation by themselves, so only what no
   * watch reports waits for the next look. Events, permissions, quotas and objects of other owners
   * are such things, and the mere passing of time.
   *
   * @param changed when the instance, one of its objects or the result of its login changed last
   */
  static Duration delay(
      PostgresInstanceStatus status, Snapshot snapshot, Instant changed, Instant now) {
    return notReadySince(status)
        .map(since -> since.isAfter(changed) ? since : changed)
        .map(since -> delay(since, now, isUrgent(snapshot) ? LONGEST_IF_URGENT : LONGEST))
        .orElse(WHEN_READY);
  }

  /** The time until the next attempt to read an instance that could not be read. */
  static Duration delayIfUnread(PostgresInstanceStatus status, Instant now) {
    return notReadySince(status)
        .map(since -> delay(since, now, LONGEST_IF_URGENT))
        .orElse(WHEN_READY);
  }

  private static Duration delay(Instant since, Instant now, Duration longest) {
    Duration delay = Duration.between(since, now).dividedBy(FRACTION);
    return delay.compareTo(longest) > 0
        ? longest
        : delay.compareTo(SHORTEST) < 0 ? SHORTEST : delay;
  }

  /**
   * A deleted claim takes the data with it, unless somebody changes its volume's reclaim policy.
   */
  private static boolean isUrgent(Snapshot snapshot) {
    return snapshot
        .get(ObjectKey.CLAIM)
        .filter(claim -> claim.getMetadata().getDeletionTimestamp() != null)
        .isPresent();
  }

  private static Optional<Instant> notReadySince(PostgresInstanceStatus status) {
    return status
        .condition(ConditionType.READY)
        .filter(ready -> !"True".equals(ready.getStatus()))
        .map(ready -> Instant.parse(ready.getLastTransitionTime()));
  }

  private static Duration notReadyFor(Condition ready, Instant now) {
    return Duration.between(Instant.parse(ready.getLastTransitionTime()), now);
  }
}
