package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rank;

/** Problems of the operator itself with an instance. */
final class OperatorProblems {

  private OperatorProblems() {}

  /**
   * The operator cannot read a field of the spec.
   *
   * @param field the field and its value
   */
  static Problem notUnderstood(String field) {
    return new Problem(
            Reason.SPEC_NOT_UNDERSTOOD,
            "This version of the operator cannot read %s. The server is left as it is until the field has a value that this version knows, or a newer operator runs."
                .formatted(field))
        .ranked(Rank.STOPPED);
  }

  /**
   * A note about fields that the operator does not know.
   *
   * @param fields their names
   */
  static String unknownFields(String fields) {
    return "This version of the operator does not know %s; the field has no effect."
        .formatted(fields);
  }

  /** A reconciliation failed because of a defect of the operator. */
  static Problem failed(Throwable failure) {
    return new Problem(
            Reason.INTERNAL_ERROR,
            "Reconciliation failed: %s. The operator tries again; its log has the details."
                .formatted(failure))
        .ranked(Rank.STOPPED);
  }
}
