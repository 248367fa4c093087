/**
 * The data volume.
 *
 * <p>{@code DataClaim} is the child; {@code VolumeTask} measures how full the volume is. Where a
 * driver expands only unused volumes, {@code OfflineGrowth} stops the pod for a limited time.
 * {@code StorageProblems} reports all of it.
 */
package dev.postgresinstance.operator.feature.storage;
