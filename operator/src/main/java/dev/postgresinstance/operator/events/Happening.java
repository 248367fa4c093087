package dev.postgresinstance.operator.events;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;

/**
 * What a person should read in {@code kubectl describe}.
 *
 * @param warning whether something is wrong
 * @param reason one CamelCase word
 * @param message at most {@value #MOST_WORDS} characters; never a password
 */
public record Happening(boolean warning, String reason, String message) {

  /** As much as the API takes for the note of an event. */
  private static final int MOST_WORDS = 1_000;

  public Happening {
    message = message.length() <= MOST_WORDS ? message : message.substring(0, MOST_WORDS - 1) + "…";
  }

  /** That the operator did something. */
  public static Happening deed(EventReason reason, String message) {
    return new Happening(false, reason.word(), message);
  }

  /** That the instance has come into another state. */
  static Happening transition(Reason reason, String message) {
    return new Happening(reason.isTrouble(), reason.word(), message);
  }
}
