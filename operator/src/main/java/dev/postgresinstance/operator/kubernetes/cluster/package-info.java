/**
 * Reading what the cluster knows beyond the objects of an instance.
 *
 * <p>{@code Nodes} and {@code ReclaimPolicies} change rarely, so they are read every few minutes
 * instead of watched. {@code SchedulingEvidenceReader} reads events, only for instances to which no
 * login succeeds. Where a permission is missing, the answer is empty and the status says less.
 */
package dev.postgresinstance.operator.kubernetes.cluster;
