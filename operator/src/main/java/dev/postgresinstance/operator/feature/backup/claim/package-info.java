/**
 * The volume of an archive that lies in the cluster.
 *
 * <p>{@code BackupClaim} is its claim, which the backup pod, base backups and restores mount. It
 * has no owner: like an archive in S3, it stays when the instance is deleted.
 */
package dev.postgresinstance.operator.feature.backup.claim;
