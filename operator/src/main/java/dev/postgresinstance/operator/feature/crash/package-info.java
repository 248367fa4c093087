/**
 * Crashes of processes of the server that its container survives, so that Kubernetes reports none.
 *
 * <p>{@code CrashTask} asks when the postmaster and its processes were started. {@code
 * CrashFeature} counts a crash in the status, which remembers it across restarts of the operator;
 * {@code CrashProblems} explains it for an hour.
 */
package dev.postgresinstance.operator.feature.crash;
