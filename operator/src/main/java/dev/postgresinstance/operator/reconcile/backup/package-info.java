/**
 * The controller of PostgresBackups.
 *
 * <p>{@code PostgresBackupReconciler} reads a PostgresBackup, its instance and its Job from the
 * caches of the controller of instances, lets {@code BackupFacts} decide, and does what was
 * decided.
 */
package dev.postgresinstance.operator.reconcile.backup;
