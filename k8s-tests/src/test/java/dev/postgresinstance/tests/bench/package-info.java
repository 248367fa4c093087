/**
 * The benchmark: how long a user waits for SQL after {@code kubectl apply} and after the deletion
 * of the pod, and how long a deleted server takes to end, with the operator and with the best
 * manifest that a person could write. The two contenders alternate on the same cluster; the output
 * has the times of each round, then medians and ratios.
 */
package dev.postgresinstance.tests.bench;
