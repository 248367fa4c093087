/**
 * What all programs of backups have in common: they run in pods of their own, in containers of the
 * operator's image, without access to the API server.
 *
 * <p>{@code Program} reads the environment, runs the body of a program, and writes its result, one
 * line of JSON, to the termination message of the container, where the operator reads it. {@code
 * ProgramEnvironment} is the only place that knows the variables and the mounted files.
 */
package dev.postgresinstance.operator.archive.program;
