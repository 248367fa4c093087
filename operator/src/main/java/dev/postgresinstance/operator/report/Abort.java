package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.Reason;

/** Stops a reconciliation that must not continue; becomes the condition {@code Ready=False}. */
public final class Abort extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final transient Problem problem;

  /**
   * Stops because of a problem that has no condition of its own.
   *
   * @param message what is wrong and what a person can do
   */
  public Abort(Reason reason, String message) {
    this(new Problem(reason, message));
  }

  /** Stops because of a problem, whose rank becomes {@link Rank#STOPPED}. */
  public Abort(Problem problem) {
    // A defect of the code is reported by other exceptions: no stack trace.
    super(problem.message(), null, false, false);
    this.problem = problem.ranked(Rank.STOPPED);
  }

  /** Why the reconciliation stops. */
  public Problem problem() {
    return problem;
  }
}
