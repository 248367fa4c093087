package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.CrashStatus;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.StorageStatus;
import dev.postgresinstance.api.v1alpha1.VerificationStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The Events that report the change from one status to the next: a pure function of both. */
public final class Transitions {

  /** The conditions that cause Events; the others change together with Ready. */
  private static final Set<ConditionType> REPORTED =
      EnumSet.complementOf(
          EnumSet.of(
              ConditionType.INITIALIZED,
              ConditionType.RECONCILING,
              ConditionType.STALLED,
              ConditionType.RECENT_CRASH));

  private Transitions() {}

  /**
   * The Events for a change of the status, at most one for each reason.
   *
   * @param before the previous status; null when there was none
   */
  public static List<EventMessage> of(PostgresInstanceStatus before, PostgresInstanceStatus after) {
    List<EventMessage> messages = new ArrayList<>();
    grown(before, after).ifPresent(messages::add);
    crashed(before, after).ifPresent(messages::add);
    verified(before, after).ifPresent(messages::add);
    for (ConditionType type : REPORTED) {
      condition(after, type)
          .filter(now -> isChange(type, condition(before, type), now))
          .flatMap(now -> Reason.of(now.getReason()).map(r -> transition(r, now)))
          .filter(message -> messages.stream().noneMatch(t -> t.reason().equals(message.reason())))
          .filter(message -> type == ConditionType.READY || !isReasonOfReady(after, message))
          .ifPresent(messages::add);
    }
    return messages;
  }

  private static EventMessage transition(Reason reason, Condition condition) {
    return EventMessage.transition(reason, condition.getMessage());
  }

  private static boolean isChange(ConditionType type, Optional<Condition> before, Condition now) {
    if (before.filter(b -> isSame(b, now)).isPresent() || "Unknown".equals(now.getStatus())) {
      return false;
    }
    if (NoteConditions.ALL.contains(type)) {
      return true;
    }
    return switch (type) {
      // The creation of the objects causes an Event of its own.
      case READY -> before.isPresent() || !Reason.CREATING.word().equals(now.getReason());
      case AVAILABLE -> "False".equals(now.getStatus());
      // A condition that is True from the beginning is no change.
      default ->
          "False".equals(now.getStatus())
              || before.filter(b -> "False".equals(b.getStatus())).isPresent();
    };
  }

  private static boolean isSame(Condition before, Condition now) {
    return before.getStatus().equals(now.getStatus()) && before.getReason().equals(now.getReason());
  }

  private static boolean isReasonOfReady(PostgresInstanceStatus after, EventMessage message) {
    return condition(after, ConditionType.READY)
        .filter(ready -> ready.getReason().equals(message.reason()))
        .isPresent();
  }

  private static Optional<EventMessage> grown(
      PostgresInstanceStatus before, PostgresInstanceStatus after) {
    Optional<Quantity> from = actual(before);
    return actual(after)
        .filter(to -> from.filter(f -> isLess(f, to)).isPresent())
        .map(
            to ->
                EventMessage.action(
                    EventReason.VOLUME_GROWN,
                    "The volume has grown from %s to %s.".formatted(from.orElseThrow(), to)));
  }

  /** Each crash causes an Event, also while the condition still reports the one before. */
  private static Optional<EventMessage> crashed(
      PostgresInstanceStatus before, PostgresInstanceStatus after) {
    return condition(after, ConditionType.RECENT_CRASH)
        .filter(now -> !crashes(before).equals(crashes(after)))
        .map(now -> transition(Reason.PROCESS_CRASHED, now));
  }

  private static Optional<CrashStatus> crashes(PostgresInstanceStatus status) {
    return Optional.ofNullable(status).map(PostgresInstanceStatus::crashes);
  }

  /** Each verification causes an Event, whatever the one before has found. */
  private static Optional<EventMessage> verified(
      PostgresInstanceStatus before, PostgresInstanceStatus after) {
    return verification(after)
        .filter(now -> !verification(before).equals(Optional.of(now)))
        .map(
            now -> {
              String message = "PostgresBackup %s: %s".formatted(now.backup(), now.message());
              return Boolean.TRUE.equals(now.succeeded())
                  ? EventMessage.action(EventReason.VERIFIED, message)
                  : EventMessage.transition(Reason.VERIFICATION_FAILED, message);
            });
  }

  private static Optional<VerificationStatus> verification(PostgresInstanceStatus status) {
    return Optional.ofNullable(status)
        .map(PostgresInstanceStatus::backup)
        .map(BackupStatus::lastVerification);
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
