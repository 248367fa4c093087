package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.feature.roles.ownership.RoleMarker;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The roles of an instance as their PostgresRoles ask for them.
 *
 * @param instance id of the instance's data
 * @param database the database in which logins are tried
 * @param owner the role of {@code spec.username}, of which no role may become a member
 * @param uids uids of all PostgresRoles of the instance, also of those that ask for nothing valid
 * @param roles what to set, with different names
 */
public record RolesRequest(
    String instance, String database, String owner, Set<String> uids, List<RoleRequest> roles) {

  public RolesRequest {
    uids = Set.copyOf(uids);
    roles = List.copyOf(roles);
  }

  /** The names of the roles and of those that they are to be members of. */
  Set<String> names() {
    return Stream.concat(
            roles.stream().map(RoleRequest::name),
            roles.stream().flatMap(role -> role.memberOf().stream()))
        .collect(Collectors.toSet());
  }

  /** What the operator records with the role. */
  RoleMarker marker(RoleRequest role, boolean accepted, String applied, Set<String> parameters) {
    return new RoleMarker(
        role.uid(),
        role.resource(),
        instance,
        role.drop(),
        accepted,
        applied,
        List.copyOf(parameters));
  }

  /** What a PostgresRole asks for; empty if it asks for nothing. */
  Optional<RoleRequest> of(String uid) {
    return roles.stream().filter(role -> role.uid().equals(uid)).findFirst();
  }
}
