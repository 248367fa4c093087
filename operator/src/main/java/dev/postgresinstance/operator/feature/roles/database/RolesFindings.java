package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.sql.FindingKey;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the last session found of the roles of an instance.
 *
 * @param request what was requested
 * @param roles by uid of the PostgresRole
 * @param kept roles that have to be dropped but are not, by name, and why not
 * @param unconfirmed names of PostgresRoles by uid: what happens to their roles depends on whether
 *     the API server has them
 * @param gone uids of PostgresRoles that the API server does not have any more
 * @param complete whether there was time for everything
 */
public record RolesFindings(
    RolesRequest request,
    Map<String, RoleFinding> roles,
    Map<String, KeptRole> kept,
    Map<String, String> unconfirmed,
    Set<String> gone,
    boolean complete) {

  /** Where the findings are kept. */
  public static final FindingKey<RolesFindings> ROLES = FindingKey.of(RolesFindings.class);

  public RolesFindings {
    roles = Map.copyOf(roles);
    kept = Collections.unmodifiableMap(new TreeMap<>(kept));
    unconfirmed = Map.copyOf(unconfirmed);
    gone = Set.copyOf(gone);
  }

  /** What was found of the role of a PostgresRole, if exactly this request was looked at. */
  public Optional<RoleFinding> of(RoleRequest role) {
    return request.of(role.uid()).filter(role::equals).map(same -> roles.get(role.uid()));
  }

  /** What the last login with exactly this password found; empty if there was none. */
  Optional<RoleOutcome> login(RoleRequest role) {
    return request
        .of(role.uid())
        .filter(before -> before.credentials().equals(role.credentials()))
        .flatMap(before -> Optional.ofNullable(roles.get(role.uid())))
        .flatMap(RoleFinding::login);
  }
}
