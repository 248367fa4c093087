package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.feature.roles.ownership.RoleMarker;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A role as it is in the database.
 *
 * @param oid its number
 * @param name its name
 * @param superuser whether it is a superuser
 * @param login whether it can log in
 * @param connectionLimit number of simultaneous connections; -1 for no limit
 * @param validUntil when its password expires; empty for never
 * @param comment its comment; empty for none
 * @param parameters parameters of its sessions in all databases, by name in lower case
 * @param groups names of the roles that it is a member of
 * @param granted those of them that the operator has granted
 * @param privileged whether it has, or its members could get, what crosses the boundary between
 *     users of the database
 * @param administrable whether a superuser has granted it to the operator's role with admin option
 */
record RoleState(
    String oid,
    String name,
    boolean superuser,
    boolean login,
    int connectionLimit,
    Optional<Instant> validUntil,
    Optional<String> comment,
    Map<String, String> parameters,
    Set<String> groups,
    Set<String> granted,
    boolean privileged,
    boolean administrable) {

  /** Value of {@link #connectionLimit} for no limit. */
  static final int UNLIMITED = -1;

  /** What the operator has recorded with the role; empty where it has recorded nothing. */
  Optional<RoleMarker> marker() {
    return comment.flatMap(RoleMarker::in);
  }

  /** Whether the operator may use the role: it has created it, or a superuser has allowed it. */
  boolean isUsable() {
    return administrable || marker().isPresent();
  }

  /** A role as {@code CREATE ROLE} makes it, with that comment. */
  static RoleState created(String name, boolean login, String comment) {
    return new RoleState(
        "",
        name,
        false,
        login,
        UNLIMITED,
        Optional.empty(),
        Optional.of(comment),
        Map.of(),
        Set.of(),
        Set.of(),
        false,
        true);
  }

  /** The same role with another comment. */
  RoleState withComment(String other) {
    return new RoleState(
        oid,
        name,
        superuser,
        login,
        connectionLimit,
        validUntil,
        Optional.of(other),
        parameters,
        groups,
        granted,
        privileged,
        administrable);
  }

  /** Names of a list, without the null that PostgreSQL gives for an empty one. */
  static List<String> names(String[] array) {
    return array == null ? List.of() : List.of(array);
  }
}
