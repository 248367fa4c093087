package dev.postgresinstance.operator.report;

/**
 * Which part of an instance a problem concerns, the most important part first. Among problems of
 * the same urgency, the one of the highest rank decides the condition Ready; see {@link
 * Problem#MOST_SEVERE_FIRST}.
 */
public enum Rank {
  /** The reconciliation stopped, so other problems may not have been found. */
  STOPPED,
  /** No login succeeds: the server does not run, or rejects logins. */
  SERVER_DOWN,
  /** A part of the spec is not in force. */
  SPEC,
  /** The operator's own role cannot log in; applications may. */
  OPERATOR_LOCKED_OUT,
  /** Clients outside the cluster do not have the requested address. */
  EXTERNAL_ACCESS,
  /** A problem of the previous reconciliation, until a login shows that it is over. */
  UNCONFIRMED,
  /** Reported by a condition of its own; {@code Ready} may be true. */
  NOTE
}
