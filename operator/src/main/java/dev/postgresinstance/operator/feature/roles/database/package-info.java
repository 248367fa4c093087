/**
 * The roles in the database, as PostgresRoles ask for them.
 *
 * <p>{@code RolesTask} reads them in the operator's session, with one statement for all. {@code
 * RoleSync} compares them with the {@code RolesRequest}, and sets what differs; {@code RoleChanges}
 * knows the differences, {@code RoleLogins} proves the passwords. {@code RoleMarker} is what the
 * operator records with each role. The result is a {@code RoleFinding} for each PostgresRole.
 */
package dev.postgresinstance.operator.feature.roles.database;
