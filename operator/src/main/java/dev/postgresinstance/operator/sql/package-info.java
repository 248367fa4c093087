/**
 * Sessions of the operator with the databases, on bounded pools of threads.
 *
 * <p>The reconciler passes a {@code LoginRequest}, and tasks for the session, to the {@code
 * LoginMonitor}, and reads the last {@code LoginResult} without waiting. The monitor logs in to
 * each server in the background through a {@code LoginSession}, runs the tasks, and requests a
 * reconciliation when the result changes. {@code BoundedSocketFactory} and {@code MessageLengths}
 * limit what a hostile server can cost; {@code SaltedPasswords} makes repeated logins cheap.
 */
package dev.postgresinstance.operator.sql;
