/**
 * Parameters of a role's sessions, as {@code ALTER ROLE … SET} writes them and {@code pg_roles}
 * shows them.
 */
package dev.postgresinstance.operator.feature.roles.parameter;
