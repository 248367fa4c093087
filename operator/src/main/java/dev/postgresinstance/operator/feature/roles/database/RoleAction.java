package dev.postgresinstance.operator.feature.roles.database;

import java.time.Instant;

/**
 * The last thing that the operator did to a role that existed as requested before.
 *
 * @param time when
 * @param created whether the role did not exist; otherwise it was different
 * @param message what was found, in a sentence
 */
public record RoleAction(Instant time, boolean created, String message) {}
