package dev.postgresinstance.operator.sql;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the operator's own role found in a server, by session task.
 *
 * @param findings by key; empty when the role could not log in
 * @param lockedOut message of PostgreSQL that rejected the operator's role or one of its
 *     statements; empty when it rejected nothing
 */
public record ServerFindings(Map<FindingKey<?>, Object> findings, Optional<String> lockedOut) {

  /** No task ran, or there was no answer. */
  public static final ServerFindings NONE = new ServerFindings(Map.of(), Optional.empty());

  public ServerFindings {
    findings = Map.copyOf(findings);
  }

  /** The finding of a key; empty when its task did not run, or found nothing. */
  public <T> Optional<T> get(FindingKey<T> key) {
    return Optional.ofNullable(findings.get(key)).map(key::cast);
  }

  /** Whether the operator's role has run all of its tasks. */
  public boolean isComplete() {
    return !findings.isEmpty() && lockedOut.isEmpty();
  }

  /** Returns these findings and one more. */
  public <T> ServerFindings with(FindingKey<T> key, T finding) {
    Map<FindingKey<?>, Object> next = new HashMap<>(findings);
    next.put(key, finding);
    return new ServerFindings(next, lockedOut);
  }

  /** Returns these findings with the message of PostgreSQL that rejected the operator's role. */
  public ServerFindings lockedOut(String message) {
    return new ServerFindings(findings, Optional.of(message));
  }
}
