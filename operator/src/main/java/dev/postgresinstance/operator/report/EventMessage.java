package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;

/**
 * What a person should read in {@code kubectl describe}.
 *
 * @param warning whether something is wrong
 * @param reason one CamelCase word
 * @param message at most {@value #MOST_WORDS} characters; never a password
 */
public record EventMessage(boolean warning, String reason, String message) {

  /** As much as the API takes for the note of an event. */
  private static final int MOST_WORDS = 1_000;

  public EventMessage {
    message = message.length() <= MOST_WORDS ? message : message.substring(0, MOST_WORDS - 1) + "…";
  }

  /** That the operator did something. */
  public static EventMessage deed(EventReason reason, String message) {
    return new EventMessage(false, reason.word(), message);
  }

  /** That the instance has come into another state. */
  static EventMessage transition(Reason reason, String message) {
    return new EventMessage(reason.isProblem(), reason.word(), message);
  }
}
