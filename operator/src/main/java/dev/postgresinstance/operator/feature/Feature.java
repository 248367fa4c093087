package dev.postgresinstance.operator.feature;

import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.SessionTask;
import java.time.Instant;
import java.util.List;

/**
 * One capability of the operator: what it creates, what it does in the database, what it reports. A
 * feature has no state; each method is a pure function of its arguments. The reconciler calls the
 * features of an explicit list, method by method in the order of this interface.
 */
public interface Feature {

  /**
   * What the feature asks or does in each session of the operator's own role.
   *
   * @param snapshot of an instance whose server runs
   */
  default List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return List.of();
  }

  /**
   * Stops the reconciliation before anything is written.
   *
   * @throws Abort with what is wrong
   */
  default void preflight(ReconcileInput input) {}

  /** The children that the feature writes in that phase, in this order. */
  default List<Child<?>> children(WritePhase phase, ReconcileInput input) {
    return List.of();
  }

  /** Finds problems and notes; the objects of the phases before the configuration are written. */
  default void assess(ReconcileInput input, ProblemLog log) {}

  /** Sets the conditions and fields of the status that belong to the feature. */
  default void report(Observation observation, Instant now, StatusBuilder status) {}
}
