/**
 * The sequence of a reconciliation.
 *
 * <p>{@code PostgresInstanceReconciler} reads a snapshot, runs a {@code Reconciliation} over the
 * list in {@code Features}, and handles its one {@code ReconciliationResult}: Events, requests for
 * the next session, another reconciliation, the status. {@code InstanceStatus} assembles the
 * status, {@code Requeue} decides when it is written and when to look again.
 */
package dev.postgresinstance.operator.reconcile;
