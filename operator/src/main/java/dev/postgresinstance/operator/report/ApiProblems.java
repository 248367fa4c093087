package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.server.SchedulingProblems;
import java.util.Collection;
import java.util.stream.Collectors;

/** What is to be said when the API server refuses what the operator needs. */
public final class ApiProblems {

  private ApiProblems() {}

  /**
   * The trouble.
   *
   * @param words those of the API server
   */
  public static Problem of(String words) {
    return Permission.missing(words)
        .map(right -> missing(right, words))
        .orElseGet(
            () ->
                SchedulingProblems.isQuota(words)
                    ? new Problem(
                        Reason.QUOTA_EXCEEDED,
                        "A quota of the namespace does not allow it: %s. Raise the quota, or remove what is not needed."
                            .formatted(words))
                    : new Problem(Reason.API_ERROR, "The API server refuses: " + words));
  }

  /**
   * A right that is missing.
   *
   * @param words those of the API server
   */
  public static Problem missing(Permission right, String words) {
    return new Problem(
        Reason.MISSING_RIGHT,
        "The operator lacks the right to %s; its role has to be as its chart has it. The API server says: %s"
            .formatted(right, words));
  }

  /** Rights without which the operator does not hear of what happens. */
  public static Problem deaf(Collection<Permission> rights) {
    return new Problem(
        Reason.MISSING_RIGHT,
        "The operator lacks the right to %s; its role has to be as its chart has it. Until then it does not see what changes, and leaves everything as it is; the server goes on."
            .formatted(
                rights.stream()
                    .map(Permission::toString)
                    .sorted()
                    .collect(Collectors.joining(", "))));
  }
}
