package dev.postgresinstance.operator.report;

/**
 * How severe a problem is. The problem of the highest rank decides the condition Ready; the order
 * in which problems are found decides nothing.
 */
public enum Rank {
  /** The reconciliation stopped, so other problems may not have been found. */
  STOPPED,
  /** A part of the spec is not in force. */
  SPEC,
  /** No login succeeds. */
  SERVER_DOWN,
  /** The operator's own role cannot log in; applications may. */
  OPERATOR_LOCKED_OUT,
  /** Clients outside the cluster do not have the requested address. */
  EXTERNAL_ACCESS,
  /** A problem of the previous reconciliation, until a login shows that it is over. */
  UNCONFIRMED,
  /** Reported by a condition of its own; {@code Ready} may be true. */
  NOTE
}
