/**
 * Continuous backup: the pod that archives the write-ahead log, and base backups when they are due.
 *
 * <p>{@code ArchiveTask} gives the backup pod its role and reads what the pod reports, because the
 * operator itself never talks to the store. {@code BackupStatefulSet}, {@code BackupSecret} and
 * {@code BackupConfigMap} are its children. {@code DueBackup} decides when a PostgresBackup is
 * created, and {@code ArchiveState} what the condition BackupReady says.
 */
package dev.postgresinstance.operator.feature.backup;
