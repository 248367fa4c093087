/**
 * PostgreSQL's parameters.
 *
 * <p>{@code Configuration} renders postgresql.conf from defaults and spec.parameters. {@code
 * SettingsTask} asks the server what it has loaded and what it would reject, and reloads a file in
 * which nothing is rejected. {@code ConfigurationPlan} decides which file the server gets, and
 * falls back to the last one that worked.
 */
package dev.postgresinstance.operator.feature.configuration;
