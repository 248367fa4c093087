/**
 * What administrators see of the operator's process: log, metrics and health endpoints.
 *
 * <p>The reconciler and the login monitor report durations and results to {@code OperatorMetrics},
 * and mark their log lines with the instance through {@code LogContext}. {@code Liveness} sends a
 * heartbeat through the framework and combines it with the duration of the longest reconciliation.
 * {@code HealthServer} serves these results to the kubelet and to Prometheus; nothing flows back.
 */
package dev.postgresinstance.operator.management;
