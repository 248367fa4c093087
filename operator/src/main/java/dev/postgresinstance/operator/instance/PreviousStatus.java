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

  /** The status of that resource. */
  public static PreviousStatus of(PostgresInstance instance) {
    return new PreviousStatus(
        Optional.ofNullable(instance.getStatus()), instance.getMetadata().getGeneration());
  }

  /** A part of the status; empty when the part, or the status, is missing. */
  public <T> Optional<T> get(Function<PostgresInstanceStatus, T> part) {
    return status.map(part);
  }

  /** The condition of that type. */
  public Optional<Condition> condition(ConditionType type) {
    return status.flatMap(present -> present.condition(type));
  }

  /** Whether the condition of that type is True. */
  public boolean isTrue(ConditionType type) {
    return condition(type).filter(condition -> "True".equals(condition.getStatus())).isPresent();
  }

  /** Whether the condition of that type has that reason. */
  public boolean hasReason(ConditionType type, Reason reason) {
    return condition(type)
        .filter(condition -> reason.word().equals(condition.getReason()))
        .isPresent();
  }

  /** Whether the status is about the spec as it is now. */
  public boolean isCurrent() {
    return status.filter(s -> Objects.equals(s.observedGeneration(), generation)).isPresent();
  }

  /**
   * Whether the instance was ready with the spec as it is now. What only a new version of the
   * operator changes then makes no instance unready.
   */
  public boolean wasReady() {
    return isCurrent() && isTrue(ConditionType.READY);
  }
}
