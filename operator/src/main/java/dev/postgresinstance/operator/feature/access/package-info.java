/**
 * Credentials: published ones, the operator's own, the superuser's.
 *
 * <p>{@code Credentials} decides which password should be in force: the user's, the published one,
 * or a new one that is set in the database before it is published. {@code Publication} asks whether
 * it can be published at all. {@code RolesSql} creates the roles at each start, {@code
 * CredentialRepair} and {@code SuperuserTask} repair them in a running server. A login proves what
 * is published; {@code LoginProblems} explains why one fails.
 */
package dev.postgresinstance.operator.feature.access;
