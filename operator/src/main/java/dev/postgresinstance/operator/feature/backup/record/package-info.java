/**
 * What the PostgresBackups of an instance say: {@code Backup} is one of them, {@code
 * DeletableBackups} are those whose backups are deleted from the store with them.
 */
package dev.postgresinstance.operator.feature.backup.record;
