/**
 * Why PostgreSQL rejects a login.
 *
 * <p>{@code RejectionCause} derives it from the code of the error and, where a code has several
 * causes, from its message.
 */
package dev.postgresinstance.operator.sql.rejection;
