package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;

/**
 * Something that is not as it should be.
 *
 * @param condition the condition that says so; one of {@code PendingRestart}, {@code DataAtRisk} or
 *     {@code OtherSuperusers} is said there alone, every other keeps the instance from being ready;
 *     one of {@code Available} is why no server runs
 * @param message what is wrong and what a person can do
 */
public record Problem(ConditionType condition, Reason reason, String message) {

  /** Trouble that has no condition of its own. */
  public Problem(Reason reason, String message) {
    this(ConditionType.READY, reason, message);
  }

  /** Whether the instance is not ready because of it. What works on is not among that. */
  public boolean preventsReady() {
    return switch (condition) {
      case PENDING_RESTART, DATA_AT_RISK, OTHER_SUPERUSERS -> false;
      case STORAGE_READY -> reason == Reason.DISK_FULL;
      default -> true;
    };
  }
}
