/**
 * The controller of PostgresRoles.
 *
 * <p>{@code PostgresRoleReconciler} publishes the login of a role in its Secret, and reports what
 * the session of the instance found. It sends nothing to a database.
 */
package dev.postgresinstance.operator.reconcile.roles;
