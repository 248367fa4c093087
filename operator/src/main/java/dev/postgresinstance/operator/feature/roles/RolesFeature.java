package dev.postgresinstance.operator.feature.roles;

import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.roles.database.RolesFindings;
import dev.postgresinstance.operator.feature.roles.database.RolesTask;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.sql.SessionTask;
import java.util.List;
import java.util.Optional;

/** The roles that PostgresRoles ask for, in the sessions of their instance. */
public final class RolesFeature implements Feature {

  @Override
  public List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return snapshot.paused() ? List.of() : List.of(new RolesTask(RoleClaims.request(snapshot)));
  }

  @Override
  public void assess(ReconcileInput input, ProblemLog log) {
    input
        .findings()
        .get(RolesFindings.ROLES)
        .ifPresent(
            findings -> RoleProblems.notes(findings).forEach(note -> log.note(Optional.of(note))));
  }
}
