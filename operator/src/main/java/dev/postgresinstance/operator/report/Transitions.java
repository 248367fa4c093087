package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.StorageStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What has become of an instance from one status to the next: a pure function of the two. */
public final class Transitions {

  /** Those that tell something of their own; the others repeat what Ready says. */
  private static final List<ConditionType> TOLD =
      List.of(
          ConditionType.READY,
          ConditionType.AVAILABLE,
          ConditionType.CREDENTIALS_IN_SYNC,
          ConditionType.EXTERNAL_ACCESS_READY,
          ConditionType.STORAGE_READY,
          ConditionType.PENDING_RESTART,
          ConditionType.DATA_AT_RISK,
          ConditionType.OTHER_SUPERUSERS);

  private Transitions() {}

  /**
   * What there is to tell, each reason once.
   *
   * @param before the status before; null when there was none
   */
  public static List<EventMessage> of(PostgresInstanceStatus before, PostgresInstanceStatus after) {
    List<EventMessage> told = new ArrayList<>();
    grown(before, after).ifPresent(told::add);
    for (ConditionType type : TOLD) {
      condition(after, type)
          .filter(now -> isNews(type, condition(before, type), now))
          .flatMap(now -> Reason.of(now.getReason()).map(r -> transition(r, now)))
          .filter(news -> told.stream().noneMatch(t -> t.reason().equals(news.reason())))
          .filter(news -> type == ConditionType.READY || !isReasonOfReady(after, news))
          .ifPresent(told::add);
    }
    return told;
  }

  private static EventMessage transition(Reason reason, Condition condition) {
    return EventMessage.transition(reason, condition.getMessage());
  }

  private static boolean isNews(ConditionType type, Optional<Condition> before, Condition now) {
    if (before.filter(b -> isSame(b, now)).isPresent() || "Unknown".equals(now.getStatus())) {
      return false;
    }
    return switch (type) {
      // That objects are being made the deed itself tells.
      case READY -> before.isPresent() || !Reason.CREATING.word().equals(now.getReason());
      case PENDING_RESTART, DATA_AT_RISK, OTHER_SUPERUSERS -> true;
      case AVAILABLE -> "False".equals(now.getStatus());
      // That all is well from the beginning is no news.
      default ->
          "False".equals(now.getStatus())
              || before.filter(b -> "False".equals(b.getStatus())).isPresent();
    };
  }

  private static boolean isSame(Condition before, Condition now) {
    return before.getStatus().equals(now.getStatus()) && before.getReason().equals(now.getReason());
  }

  private static boolean isReasonOfReady(PostgresInstanceStatus after, EventMessage news) {
    return condition(after, ConditionType.READY)
        .filter(ready -> ready.getReason().equals(news.reason()))
        .isPresent();
  }

  private static Optional<EventMessage> grown(
      PostgresInstanceStatus before, PostgresInstanceStatus after) {
    Optional<Quantity> from = actual(before);
    return actual(after)
        .filter(to -> from.filter(f -> isLess(f, to)).isPresent())
        .map(
            to ->
                EventMessage.deed(
                    EventReason.VOLUME_GROWN,
                    "The volume has grown from %s to %s.".formatted(from.orElseThrow(), to)));
  }

  private static boolean isLess(Quantity one, Quantity other) {
    return one.getNumericalAmount().compareTo(other.getNumericalAmount()) < 0;
  }

  private static Optional<Quantity> actual(PostgresInstanceStatus status) {
    return Optional.ofNullable(status)
        .map(PostgresInstanceStatus::storage)
        .map(StorageStatus::actual);
  }

  private static Optional<Condition> condition(PostgresInstanceStatus status, ConditionType type) {
    return Optional.ofNullable(status).flatMap(s -> s.condition(type));
  }
}
