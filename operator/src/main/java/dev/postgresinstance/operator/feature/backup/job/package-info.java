/**
 * What the operator does for a PostgresBackup: one Job, and a status.
 *
 * <p>{@code BackupDecision} is the whole of it: a pure function of the PostgresBackup, the snapshot
 * of its instance, and its Job as {@code JobRun} shows it. {@code BackupObstacles} has what a
 * backup waits for, {@code BackupJob} is the Job, {@code BackupResult} what its program has left,
 * and {@code BackupReport} makes the status from the decision.
 */
package dev.postgresinstance.operator.feature.backup.job;
