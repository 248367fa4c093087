/**
 * The database pod is not only the operator's: admission webhooks add containers.
 *
 * <p>{@code OtherContainerProblems} reads from the pod which container of somebody else keeps the
 * server from starting, or may keep clients from it, and reports it as such. {@code
 * RefusalRemedies} completes a refusal of the start script by the command that helps.
 */
package dev.postgresinstance.operator.feature.server.pod;
