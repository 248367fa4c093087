/**
 * Crashes of server processes that do not restart the container, so that Kubernetes reports none.
 *
 * <p>{@code CrashTask} asks when the postmaster and its processes were started. {@code
 * CrashFeature} counts a crash in the status, which remembers it across restarts of the operator;
 * {@code CrashProblems} writes the message, which {@code RecentCrash} reports for one hour.
 */
package dev.postgresinstance.operator.feature.crash;
