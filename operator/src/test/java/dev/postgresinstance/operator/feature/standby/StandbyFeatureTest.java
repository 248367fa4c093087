package dev.postgresinstance.operator.feature.standby;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.ServerFindings;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StandbyFeatureTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          node1                | 0 | on           | true
          node1, node2         | 1 | on           | false
          *                    | 0 | remote_apply | true
          ANY 1 (node1, node2) | 0 | remote_write | true
          any 2(node1, node2)  | 1 | on           | true
          FIRST 2 (a, b, c)    | 2 | on           | false
          2 (a, b, c)          | 1 | TRUE         | true
          node1                | 0 | local        | false
          node1                | 0 | OFF          | false
          node1                | 0 | no           | false
          """)
  void reportsCommitsForWhichStandbysAreMissing(
      String names, int confirming, String level, boolean reported) {
    // Given
    Commits commits = new Commits(names, confirming, level, Optional.empty(), false);

    // Then
    assertThat(problems(Optional.of(commits)))
        .hasSize(reported ? 1 : 0)
        .allSatisfy(
            problem -> {
              assertThat(problem.reason()).isEqualTo(Reason.COMMITS_BLOCKED);
              assertThat(problem.condition()).isEqualTo(ConditionType.READY);
              assertThat(problem.preventsReady()).isTrue();
              assertThat(problem.message())
                  .contains("'%s'".formatted(names), "kubectl exec -n shop orders-0");
            });
  }

  @Test
  void reportsCommitThatConnectedStandbyDoesNotConfirm() {
    // Given
    Commits commits = new Commits("node1", 1, "on", Optional.of("7/773"), true);

    // Then
    assertThat(problems(Optional.of(commits)))
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).contains("do not confirm it"));
  }

  @Test
  void commitsThatWaitForTheBackupPodNeedNoCorrectedParameter() {
    // Given
    Commits commits = new Commits("pgi_receiver", 0, "on", Optional.empty(), false);

    // Then
    assertThat(problems(Optional.of(commits)))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.reason()).isEqualTo(Reason.COMMITS_BLOCKED);
              assertThat(problem.preventsReady()).isTrue();
              assertThat(problem.message())
                  .contains("orders-backup-0", "spec.backup.wal.synchronous")
                  .doesNotContain("spec.parameters");
            });
  }

  @Test
  void reportsNothingWhereNoStandbyIsRequired() {
    assertThat(problems(Optional.empty())).isEmpty();
  }

  private static List<Problem> problems(Optional<Commits> commits) {
    ServerFindings findings =
        commits
            .map(found -> ServerFindings.NONE.with(CommitTask.COMMITS, found))
            .orElse(ServerFindings.NONE);
    ProblemLog log = new ProblemLog();
    new StandbyFeature()
        .assess(ReconcileInputs.of(Snapshots.initialized(), new LoggedIn("17.6", findings)), log);
    return log.problems();
  }
}
