package dev.postgresinstance.operator.status;

import dev.postgresinstance.api.v1alpha1.Reason;

/**
 * What keeps an instance from being ready.
 *
 * @param message what is wrong and what a person can do
 */
public record Trouble(Reason reason, String message) {}
