/**
 * The data of an instance with {@code spec.source}: a Job restores it from a backup, instead of an
 * initialization.
 *
 * <p>{@code RestoreSources} finds the archive, {@code CloneSource} that of another instance, {@code
 * JobPlan} decides about the Job of {@code RestoreJob}, and {@code RestoreEnd} reads how its pod
 * ended. Until the data is there, {@code Restore} keeps the server from starting.
 */
package dev.postgresinstance.operator.feature.restore;
