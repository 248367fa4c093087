package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;

/**
 * The text of a Kubernetes Event, as {@code kubectl describe} shows it.
 *
 * @param warning whether something is wrong
 * @param reason one CamelCase word
 * @param message at most {@value #MAX_LENGTH} characters; never a password
 */
public record EventMessage(boolean warning, String reason, String message) {

  /** Limit of the API for the note of an Event. */
  private static final int MAX_LENGTH = 1_000;

  public EventMessage {
    message = Messages.abbreviate(message, MAX_LENGTH);
  }

  /** An Event about an action of the operator. */
  public static EventMessage action(EventReason reason, String message) {
    return new EventMessage(false, reason.word(), message);
  }

  /** An Event about a change of a condition. */
  public static EventMessage transition(Reason reason, String message) {
    return new EventMessage(reason.isProblem(), reason.word(), message);
  }
}
