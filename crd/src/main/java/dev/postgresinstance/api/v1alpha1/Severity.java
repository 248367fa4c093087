package dev.postgresinstance.api.v1alpha1;

/** How urgent a {@link Reason} is. */
public enum Severity {
  /** All is well. */
  NORMAL,
  /** The instance is on its way to the requested state; waiting helps. */
  PROGRESSING,
  /** Something is wrong; the instance may recover without a change of the resource. */
  WARNING,
  /** Something is wrong, and a person has to change something. */
  ACTION_REQUIRED
}
