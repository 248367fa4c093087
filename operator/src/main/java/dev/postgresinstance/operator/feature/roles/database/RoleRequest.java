package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.sql.Role;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A role as its PostgresRole asks for it.
 *
 * @param uid uid of the PostgresRole
 * @param resource name of the PostgresRole
 * @param name name of the role
 * @param login whether clients can log in as the role
 * @param memberOf names of the roles that it is a member of, sorted
 * @param connectionLimit number of simultaneous connections; empty for no limit
 * @param validUntil when the password expires; empty for never
 * @param parameters parameters of its sessions, by name
 * @param credentials name and password; empty while no password is published, or without login
 * @param accepted number of the existing role that the user accepts; empty for none
 * @param drop whether the role is dropped when its PostgresRole is gone
 */
public record RoleRequest(
    String uid,
    String resource,
    String name,
    boolean login,
    List<String> memberOf,
    Optional<Integer> connectionLimit,
    Optional<Instant> validUntil,
    SortedMap<String, String> parameters,
    Optional<Role> credentials,
    Optional<String> accepted,
    boolean drop) {

  public RoleRequest {
    memberOf = List.copyOf(memberOf);
  }

  /** Differs when the role should differ; the password does not count. */
  String fingerprint() {
    return Hashes.brief(
        String.join(
            "\n",
            Boolean.toString(login),
            memberOf.toString(),
            connectionLimit.toString(),
            validUntil.toString(),
            parameters.toString()));
  }
}
