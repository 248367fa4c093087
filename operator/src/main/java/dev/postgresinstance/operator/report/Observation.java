package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.ServerFindings;
import java.util.List;
import java.util.Optional;

/**
 * What a reconciliation has observed; the status is a pure function of it.
 *
 * @param snapshot the objects as they are after the reconciliation
 * @param login result of the last login
 * @param problems what is not as it should be, in any order
 * @param notes what a person should know although everything works
 */
public record Observation(
    Snapshot snapshot, LoginResult login, List<Problem> problems, List<String> notes) {

  /** What the operator's own role found in the server. */
  public ServerFindings findings() {
    return login.findings();
  }

  /** The most severe problem that a condition reports. */
  public Optional<Problem> worst(ConditionType condition) {
    return Problem.worst(of(condition));
  }

  /** All problems that a condition reports, the most severe first. */
  public List<Problem> of(ConditionType condition) {
    return problems.stream()
        .filter(problem -> problem.condition() == condition)
        .sorted(Problem.MOST_SEVERE_FIRST)
        .toList();
  }
}
