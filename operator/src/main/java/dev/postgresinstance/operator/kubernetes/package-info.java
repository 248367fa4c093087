/**
 * Everything that writes to the Kubernetes API, and what it answers.
 *
 * <p>{@code ConditionalApply} writes children, bound to the uid and resource version that were
 * read; {@code ForeignObjects} keeps it away from objects of other owners; {@code EventRecorder}
 * writes Events. {@code PermissionTracker} looks at all responses for missing permissions, {@code
 * ApiErrors} says what a failed request means. Reading is in {@code cache} and {@code cluster}.
 */
package dev.postgresinstance.operator.kubernetes;
