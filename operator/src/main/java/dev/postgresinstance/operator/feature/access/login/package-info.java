/**
 * What a user does so that the server admits a role again.
 *
 * <p>{@code LoginRemedy} maps the cause of a rejected login, as {@code RejectionCause} reads it
 * from PostgreSQL's message, to commands that can be pasted. {@code LoginProblems} adds them to its
 * messages.
 */
package dev.postgresinstance.operator.feature.access.login;
