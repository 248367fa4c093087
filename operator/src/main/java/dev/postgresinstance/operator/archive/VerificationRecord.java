package dev.postgresinstance.operator.archive;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A successful verification of a backup: it was restored up to the end of the archive, and what was
 * restored was checked.
 *
 * @param backup name of the backup
 * @param verifiedAt when the verification ended
 * @param reachedLsn position up to which the write-ahead log was recovered
 * @param reachedTime when the last recovered transaction was committed
 * @param seconds how long restore and checks took
 */
public record VerificationRecord(
    int formatVersion,
    String backup,
    Instant verifiedAt,
    Lsn reachedLsn,
    Instant reachedTime,
    long seconds)
    implements ArchiveRecord {

  /** Rejects a record that does not say what was verified. */
  public VerificationRecord {
    requireNonNull(backup, "backup");
    requireNonNull(verifiedAt, "verifiedAt");
    requireNonNull(reachedLsn, "reachedLsn");
    requireNonNull(reachedTime, "reachedTime");
  }
}
