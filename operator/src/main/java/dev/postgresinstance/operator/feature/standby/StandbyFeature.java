package dev.postgresinstance.operator.feature.standby;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.PsqlCommand;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.sql.SessionTask;
import java.util.List;
import java.util.Optional;

/** Reports commits that hang because they wait for a synchronous standby. */
public final class StandbyFeature implements Feature {

  private static final String STANDBYS =
      "SELECT application_name, client_addr, state, sync_state FROM pg_stat_replication";

  @Override
  public List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    return List.of(new CommitTask(spec.database(), spec.username()));
  }

  @Override
  public void assess(ReconcileInput input, ProblemLog log) {
    log.add(
        input
            .findings()
            .get(CommitTask.COMMITS)
            .flatMap(commits -> problem(input.snapshot().instance(), commits)));
  }

  private static Optional<Problem> problem(PostgresInstance instance, Commits commits) {
    if (commits.standbyNames().equals(Names.BACKUP_RECEIVER)) {
      return ofBackup(instance, commits);
    }
    return sentence(commits)
        .map(
            sentence ->
                new Problem(
                    Reason.COMMITS_BLOCKED,
                    "%s The waiting sessions continue as soon as enough standbys confirm, or as soon as you remove or correct synchronous_standby_names in spec.parameters. This lists the standbys that are connected: %s"
                        .formatted(sentence, PsqlCommand.of(instance, STANDBYS))));
  }

  /** {@code spec.backup.wal.synchronous} sets the parameter. */
  private static Optional<Problem> ofBackup(PostgresInstance instance, Commits commits) {
    return commits.isStandbyMissing() || commits.stuck()
        ? Optional.of(
            new Problem(
                Reason.COMMITS_BLOCKED,
                "Every COMMIT waits for the backup pod %s, because spec.backup.wal.synchronous is true, and the pod does not confirm. The condition BackupReady says what is wrong with it. The waiting sessions continue as soon as it confirms, or as soon as you set spec.backup.wal.synchronous to false."
                    .formatted(Names.backupPod(instance))))
        : Optional.empty();
  }

  private static Optional<String> sentence(Commits commits) {
    if (commits.isStandbyMissing()) {
      return Optional.of(
          "Every COMMIT waits: synchronous_standby_names is '%s', which needs the confirmation of %d standby server(s), and %d of the named ones can confirm now."
              .formatted(commits.standbyNames(), commits.required(), commits.confirming()));
    }
    return commits.stuck()
        ? Optional.of(
            "A COMMIT has been waiting for several seconds: synchronous_standby_names is '%s', and the standby servers do not confirm it."
                .formatted(commits.standbyNames()))
        : Optional.empty();
  }
}
