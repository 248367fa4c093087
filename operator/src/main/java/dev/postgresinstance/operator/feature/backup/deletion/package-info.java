/**
 * Deletes backups from the store whose PostgresBackups, with the deletionPolicy Delete, are gone.
 *
 * <p>{@code DeletableBackups}, in the package above, tells which ones: the status of the instance
 * records them. {@code DeletionPlan} decides about the one Job of {@code DeletionJob}, which does
 * it, and says in a note of the status what stays in the store.
 */
package dev.postgresinstance.operator.feature.backup.deletion;
