package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.NotGrantable;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Refused;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which roles a role may become a member of: those that the operator has created, or that a
 * superuser lets it grant, and none that crosses the boundary between users of the database. From
 * version 16 on, PostgreSQL has the first rule, too; before, it lets {@code CREATEROLE} grant
 * everything.
 */
final class RoleGroups {

  private RoleGroups() {}

  /**
   * The requested roles that it may be a member of; the others are refused.
   *
   * @param states the roles of the server, by name
   * @param refusals receives why others are refused
   */
  static Set<String> of(
      RoleRequest request, Map<String, RoleState> states, List<RoleOutcome> refusals) {
    Set<String> groups = new HashSet<>();
    for (String name : request.memberOf()) {
      RoleState group = states.get(name);
      if (group == null) {
        refusals.add(
            new Refused("spec.memberOf names %s, but there is no such role.".formatted(name)));
      } else if (group.privileged()) {
        refusals.add(
            new Refused(
                "spec.memberOf names %s, which is refused: its members could read or change what belongs to others. Let the owner of the objects grant privileges to another role."
                    .formatted(name)));
      } else if (!group.isUsable()) {
        refusals.add(new NotGrantable(name));
      } else {
        groups.add(name);
      }
    }
    return groups;
  }
}
