package dev.postgresinstance.operator.feature.roles.database;

/**
 * A role that has to be dropped, but is not.
 *
 * @param owns whether it owns objects or has privileges; nobody can log in as it any more
 * @param why what depends on it, or the message of PostgreSQL
 */
public record KeptRole(boolean owns, String why) {}
