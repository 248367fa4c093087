package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.report.Problem;

/** What this version of the operator itself cannot do with an instance. */
public final class OperatorProblems {

  private OperatorProblems() {}

  /**
   * A spec that it cannot read.
   *
   * @param what the field and its value
   */
  public static Problem notUnderstood(String what) {
    return new Problem(
        Reason.SPEC_NOT_UNDERSTOOD,
        "This version of the operator cannot read %s. It leaves the server as it is until the field has a value that it knows, or a newer operator runs."
            .formatted(what));
  }

  /**
   * Fields that it does not know, which is a note and no trouble.
   *
   * @param fields their names
   */
  public static String unknown(String fields) {
    return "This version of the operator does not know %s, which has no effect.".formatted(fields);
  }

  /** A pass that ended in a way for which nothing is prepared. */
  public static Problem failed(Throwable failure) {
    return new Problem(
        Reason.INTERNAL_ERROR,
        "The operator failed at this instance: %s. It is tried again; the operator's log has more."
            .formatted(failure));
  }
}
