/**
 * PostgresRoles: roles in the database of an instance, with their logins in Secrets.
 *
 * <p>{@code RoleClaims} derives what all PostgresRoles of an instance ask for, and who may not have
 * its role. {@code database} does it in the session of the operator's role. The controller of
 * PostgresRoles writes {@code RoleSecret}, and the status by {@code RoleProblems} and {@code
 * RoleReport}, from what the session found.
 */
package dev.postgresinstance.operator.feature.roles;
