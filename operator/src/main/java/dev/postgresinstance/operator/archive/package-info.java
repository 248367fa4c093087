/**
 * The archive of an instance: what a store contains, and what follows from it.
 *
 * <p>{@code ArchiveLayout} names the objects, records such as {@code BackupRecord} are their JSON,
 * and {@code RestorePlan} and {@code Retention} decide from a list of objects what can be restored
 * and what may be deleted. Nothing here depends on Kubernetes.
 */
package dev.postgresinstance.operator.archive;
