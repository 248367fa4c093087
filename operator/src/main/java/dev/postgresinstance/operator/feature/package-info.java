/**
 * The capabilities of the operator, one package for each.
 *
 * <p>A capability implements {@code Feature}: children, session tasks, problems, status. The
 * reconciler passes it a {@code ReconcileInput} and writes the {@code Child} objects that it
 * returns, in the order of {@code WritePhase}. How to add one: docs/add-a-capability.md.
 */
package dev.postgresinstance.operator.feature;
