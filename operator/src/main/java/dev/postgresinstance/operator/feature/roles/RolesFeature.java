package dev.postgresinstance.operator.feature.roles;

import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.roles.database.RolesFindings;
import dev.postgresinstance.operator.feature.roles.database.RolesTask;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.sql.SessionRequest;
import dev.postgresinstance.operator.sql.SessionTask;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The roles that PostgresRoles ask for, in the sessions of their instance. */
public final class RolesFeature implements Feature {

  @Override
  public List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return snapshot.paused() ? List.of() : List.of(new RolesTask(RoleClaims.request(snapshot)));
  }

  /**
   * Says which PostgresRoles are gone. Only the API server knows: without this, a cache that lags
   * behind would drop roles that are in use.
   */
  @Override
  public Set<SessionRequest> requests(ReconcileInput input) {
    String namespace = input.snapshot().instance().getMetadata().getNamespace();
    return input
        .findings()
        .get(RolesFindings.ROLES)
        .map(RolesFindings::unconfirmed)
        .orElse(Map.of())
        .entrySet()
        .stream()
        .filter(owner -> input.cluster().isGone(namespace, owner.getValue(), owner.getKey()))
        .map(owner -> RolesTask.ownerIsGone(owner.getKey()))
        .collect(Collectors.toSet());
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
