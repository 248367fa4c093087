/**
 * What the last verification of a backup has found.
 *
 * <p>{@code LastVerification} reads it from the Job of {@code feature/verify} and its pods, and
 * from the status once the Job is gone. {@code VerificationResult} is what a successful one leaves.
 */
package dev.postgresinstance.operator.feature.backup.verification;
