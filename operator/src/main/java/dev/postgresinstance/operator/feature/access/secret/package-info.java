/**
 * The form of the Secrets: keys of the Service Binding specification, and texts that people write.
 *
 * <p>{@code LoginData} renders one role's login for clients, and {@code PasswordText} reads a
 * password that a user may have written by hand.
 */
package dev.postgresinstance.operator.feature.access.secret;
