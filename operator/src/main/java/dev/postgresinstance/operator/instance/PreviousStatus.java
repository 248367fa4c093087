package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * The status that the last reconciliation wrote: an explicit input of the next one. Nothing else
 * reads {@code status} to decide anything.
 *
 * @param status empty before the first reconciliation
 * @param generation {@code metadata.generation} of the resource now
 */
public record PreviousStatus(Optional<PostgresInstanceStatus> status, Long generation) {

  /** The status in a resource as it was read. */
  public static PreviousStatus of(PostgresInstance instance) {
    return new PreviousStatus(
        Optional.ofNullable(instance.getStatus()), instance.getMetadata().getGeneration());
  }

  /** A part of the status; empty when the part, or the status, is missing. */
  public <T> Optional<T> get(Function<PostgresInstanceStatus, T> part) {
    return status.map(part);
  }

  /** The condition of a type; empty when the status has none. */
  public Optional<Condition> condition(ConditionType type) {
    return status.flatMap(present -> present.condition(type));
  }

  /** Whether the condition of a type is True. */
  public boolean isTrue(ConditionType type) {
    return condition(type).filter(condition -> "True".equals(condition.getStatus())).isPresent();
  }

  /** Whether the condition of a type has a reason, whatever its status. */
  public boolean hasReason(ConditionType type, Reason reason) {
    return condition(type)
        .filter(condition -> reason.word().equals(condition.getReason()))
        .isPresent();
  }

  /** Whether the status was written for the current spec. */
  public boolean isCurrent() {
    return status.filter(s -> Objects.equals(s.observedGeneration(), generation)).isPresent();
  }

  /**
   * Whether the instance was ready with the current spec. A difference that only a new version of
   * the operator causes must not make such an instance unready.
   */
  public boolean wasReady() {
    return isCurrent() && isTrue(ConditionType.READY);
  }
}
