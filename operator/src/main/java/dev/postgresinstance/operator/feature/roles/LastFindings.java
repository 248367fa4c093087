package dev.postgresinstance.operator.feature.roles;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresRole;
import dev.postgresinstance.operator.common.BoundedMap;
import dev.postgresinstance.operator.feature.roles.database.RolesFindings;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.ServerFindings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the last session of each instance found of its roles. Thread-safe. */
public final class LastFindings {

  private final Map<String, RolesFindings> findings = BoundedMap.threadSafe();

  /** The findings of an instance; empty if no session has looked. */
  public Optional<RolesFindings> of(PostgresInstance instance) {
    return Optional.ofNullable(findings.get(key(instance)));
  }

  /**
   * Replaces the findings of an instance.
   *
   * @return the PostgresRoles that have to report something else, and those that are not ready
   */
  public List<PostgresRole> replace(Snapshot snapshot, ServerFindings found) {
    PostgresInstance instance = snapshot.instance();
    Optional<RolesFindings> before = of(instance);
    Optional<RolesFindings> now = found.get(RolesFindings.ROLES);
    now.ifPresentOrElse(
        roles -> findings.put(key(instance), roles), () -> findings.remove(key(instance)));
    return RoleReport.outdated(snapshot, before, now);
  }

  private static String key(PostgresInstance instance) {
    return instance.getMetadata().getNamespace() + "/" + instance.getMetadata().getName();
  }
}
