/**
 * Verifies backups: a Job restores the newest one onto a volume of its own, as the restore of an
 * instance would, and PostgreSQL's own programs check what was restored.
 *
 * <p>{@code VerificationPlan} decides when the Job of {@code VerificationJob} is created and
 * deleted. What it has found is read and reported in {@code feature/backup/verification}.
 */
package dev.postgresinstance.operator.feature.verify;
