/**
 * Which PostgresRole a role in the database belongs to.
 *
 * <p>{@code RoleMarker} is what the operator records with each role. {@code FormerOwners} tells
 * which of the recorded PostgresRoles are gone, and about which somebody has to ask the API server.
 */
package dev.postgresinstance.operator.feature.roles.ownership;
