package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** How soon an instance is told of, and looked at again. */
public final class Requeue {

  private static final Duration IN_PEACE = Duration.ofSeconds(60);

  /** Nothing that is wrong waits longer, even where no event tells of its end. */
  private static final Duration SHORTEST = Duration.ofSeconds(5);

  private static final Duration LONGEST = Duration.ofSeconds(15);

  /** So much of the time that an instance has been unready may pass until the next look. */
  private static final int PART = 6;

  /** In that time most servers have started. */
  private static final Duration A_START = Duration.ofSeconds(30);

  private Requeue() {}

  /**
   * Whether a status is worth a request. What becomes known of the volume while a server starts is
   * written with what comes of the start, or when that takes longer than most.
   *
   * @param before the one that is written; null for none
   */
  public static boolean isNews(
      PostgresInstanceStatus before, PostgresInstanceStatus status, Instant now) {
    return !status.equals(before) && !(before != null && isDetail(before, status, now));
  }

  private static boolean isDetail(
      PostgresInstanceStatus before, PostgresInstanceStatus status, Instant now) {
    Optional<Condition> ready = status.condition(ConditionType.READY);
    return ready.equals(before.condition(ConditionType.READY))
        && ready
            .filter(condition -> condition.getReason().equals(Reason.STARTING.word()))
            .filter(condition -> unreadyFor(condition, now).compareTo(A_START) < 0)
            .isPresent();
  }

  /**
   * When an instance is looked at again without an event: soon where something is wrong, less soon
   * where it has been so for longer. Many that start at the same time take none of it from each
   * other.
   */
  public static Duration untilNextPass(PostgresInstanceStatus status, Instant now) {
    return status
        .condition(ConditionType.READY)
        .filter(ready -> !"True".equals(ready.getStatus()))
        .map(ready -> unreadyFor(ready, now).dividedBy(PART))
        .map(part -> part.compareTo(LONGEST) > 0 ? LONGEST : part)
        .map(part -> part.compareTo(SHORTEST) < 0 ? SHORTEST : part)
        .orElse(IN_PEACE);
  }

  private static Duration unreadyFor(Condition ready, Instant now) {
    return Duration.between(Instant.parse(ready.getLastTransitionTime()), now);
  }
}
