package dev.postgresinstance.operator.archive;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** How to restore, or why that is not possible. */
public sealed interface RestorePlan {

  /**
   * Everything that is needed is in the archive.
   *
   * @param chain the backups to combine, of which {@code backup} is the last one; only that one if
   *     it is full
   * @param targetTime where recovery stops; empty for another target
   * @param targetLsn where recovery stops; empty for another target
   * @param expectedLsn a recovery that ends before this position has lost data
   * @param endLsn end of the lineage in the archive; where a recovery ends that does not find its
   *     target
   * @param endTime end of the lineage in the archive
   * @param first the segment with which recovery begins
   * @param last the last segment that recovery may need
   */
  record Possible(
      LineageRecord lineage,
      BackupRecord backup,
      List<BackupRecord> chain,
      Optional<Instant> targetTime,
      Optional<Lsn> targetLsn,
      Lsn expectedLsn,
      Lsn endLsn,
      Instant endTime,
      WalSegment first,
      WalSegment last)
      implements RestorePlan {}

  /**
   * Nothing may be written.
   *
   * @param message for people: what is wrong, and what is possible instead
   */
  record Refused(Reason reason, String message) implements RestorePlan {}

  /** Why a restore is not possible. */
  enum Reason {
    /** The archive has no complete backup. */
    NO_BACKUP("NoBackup"),
    /** The archive has no backup of the name. */
    BACKUP_NOT_FOUND("BackupNotFound"),
    /** The archive lacks a backup that the incremental one needs. */
    PARENT_MISSING("ParentMissing"),
    /** The target is before the end of the first backup. */
    TARGET_TOO_EARLY("TargetTooEarly"),
    /** The target is after the end of the archive. */
    TARGET_TOO_LATE("TargetTooLate"),
    /**
     * The target is after the end of a lineage and before the first backup of the next one, or it
     * is the latest state while the newest lineage has no backup.
     */
    TARGET_NOT_COVERED("TargetNotCovered"),
    /** A segment of the write-ahead log is missing. */
    WAL_MISSING("WalMissing");

    private final String word;

    Reason(String word) {
      this.word = word;
    }

    /** The reason in results and conditions. */
    public String word() {
      return word;
    }
  }
}
