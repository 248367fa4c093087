/**
 * The pod that runs the server.
 *
 * <p>{@code ServerStatefulSet} and {@code ServerConfigMap} are the children; the start script in
 * the resources prepares the volume and becomes the server. {@code Restart} decides whether the pod
 * is replaced. {@code ServerProblems} explains why no login succeeds, from the pod ({@code
 * PodProblems}), the cluster ({@code SchedulingProblems}) and the last login ({@code
 * LoginAvailability}).
 */
package dev.postgresinstance.operator.feature.server;
