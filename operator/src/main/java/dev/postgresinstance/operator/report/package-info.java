/**
 * How anything is reported.
 *
 * <p>A {@code Problem} has a condition, a rank and a reason; features collect problems in a {@code
 * ProblemLog} and stop a reconciliation with an {@code Abort}. {@code Observation} holds what a
 * reconciliation has seen; features turn it into conditions and fields with a {@code
 * StatusBuilder}. {@code Transitions} derives Events from two statuses, {@code ActionLog} collects
 * the operator's actions.
 */
package dev.postgresinstance.operator.report;
