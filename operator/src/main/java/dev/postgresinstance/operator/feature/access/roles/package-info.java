/**
 * The SQL that the start script runs at each start, in single-user mode.
 *
 * <p>{@code RolesSql} renders the roles of application, operator and superuser with their
 * verifiers, and the database of a first start. The text is a key of the operator's Secret; a
 * fingerprint of it on the volume tells whether it has to run again.
 */
package dev.postgresinstance.operator.feature.access.roles;
