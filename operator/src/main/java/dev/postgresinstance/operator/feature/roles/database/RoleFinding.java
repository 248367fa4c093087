package dev.postgresinstance.operator.feature.roles.database;

import java.util.Optional;

/**
 * What the last session found of a requested role, and did.
 *
 * @param available whether the role is missing or belongs to the PostgresRole, not somebody else
 * @param outcome whether the role is as requested
 * @param login what a login with the published password found; empty if none was tried
 * @param oid its number in the database; empty where the operator has not set the role
 * @param action what the operator did last; empty if it has only looked
 */
public record RoleFinding(
    boolean available,
    RoleOutcome outcome,
    Optional<RoleOutcome> login,
    Optional<String> oid,
    Optional<RoleAction> action) {}
