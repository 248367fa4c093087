/**
 * Start and end of the operator's process.
 *
 * <p>{@code Main} reads the {@code OperatorConfig} from the environment and starts a {@code
 * RunningOperator}, which connects client, framework, reconciler, health server and, if a lease is
 * configured, {@code Leadership}. {@code StartupCheck} waits until the cluster can be served. From
 * then on, events from the informers start reconciliations in the package {@code reconcile}; {@code
 * Backoff} decides when a failed one is retried.
 */
package dev.postgresinstance.operator;
