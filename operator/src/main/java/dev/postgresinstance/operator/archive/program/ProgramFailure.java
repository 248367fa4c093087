package dev.postgresinstance.operator.archive.program;

/** The end of a program that has not done what it should do, with what its result says. */
public final class ProgramFailure extends Exception {

  private static final long serialVersionUID = 1;

  private final String reason;

  /**
   * A failure.
   *
   * @param reason one word in CamelCase
   * @param message a sentence for people that contains no secret
   */
  public ProgramFailure(String reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** What is wrong, as one word in CamelCase. */
  public String reason() {
    return reason;
  }
}
