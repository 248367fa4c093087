/**
 * Commits that wait for a synchronous standby, which the parameter {@code
 * synchronous_standby_names} requests.
 *
 * <p>{@code CommitTask} reads in each session which standbys have to confirm a commit, how many can
 * do so, and whether a commit is waiting. {@code StandbyFeature} reports where commits hang: a
 * login alone does not show it. The operator's own commits wait for no standby; see {@code
 * LoginSession}.
 */
package dev.postgresinstance.operator.feature.standby;
