package dev.postgresinstance.operator.archive;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A lineage and what the archive contains of it.
 *
 * @param progress empty before the first upload
 * @param backups complete ones, in the order of their ends
 * @param verifications successful verifications of these backups
 * @param unfinished folders of backups without a record
 * @param histories names of history files, such as {@code 00000002.history}
 */
public record ArchivedLineage(
    LineageRecord lineage,
    Optional<ProgressRecord> progress,
    List<BackupRecord> backups,
    List<Verification> verifications,
    List<UnfinishedBackup> unfinished,
    WalFiles wal,
    List<String> histories) {

  /**
   * A backup that is in progress or has failed.
   *
   * @param lastWritten when its newest object was written, by the clock of the store
   * @param keys its objects
   */
  public record UnfinishedBackup(String name, Instant lastWritten, List<String> keys) {}

  /**
   * The restore of a backup, with checks of what was restored.
   *
   * @param backup that was restored
   * @param time when it ended
   * @param key of its record
   */
  public record Verification(BackupRecord backup, Instant time, String key) {}

  /** Name of the lineage. */
  public String name() {
    return lineage.lineage();
  }

  /** The position up to which recovery is possible, if from any backup. */
  public Lsn endLsn() {
    return Stream.concat(
            progress.map(ProgressRecord::lsn).stream(),
            Stream.concat(
                Stream.ofNullable(lineage.startLsn()), backups.stream().map(BackupRecord::stopLsn)))
        .max(Lsn::compareTo)
        .orElse(new Lsn(0));
  }

  /** The moment up to which recovery is possible, if from any backup. */
  public Instant endTime() {
    return Stream.concat(
            progress.map(ProgressRecord::time).stream(),
            backups.stream().map(BackupRecord::stoppedAt))
        .max(Instant::compareTo)
        .orElse(lineage.startedAt());
  }

  /**
   * The backups that a restore of one combines: the full one first, then each incremental one that
   * follows from it; empty when one of them is missing.
   */
  public List<BackupRecord> chain(BackupRecord backup) {
    Deque<BackupRecord> chain = new ArrayDeque<>(List.of(backup));
    while (chain.getFirst().parent() != null) {
      BackupRecord child = chain.getFirst();
      Optional<BackupRecord> parent =
          backups.stream()
              .filter(other -> other.name().equals(child.parent()))
              .filter(other -> other.stoppedAt().isBefore(child.stoppedAt()))
              .findFirst();
      if (parent.isEmpty()) {
        return List.of();
      }
      chain.addFirst(parent.get());
    }
    boolean isWhole = !BackupRecord.INCREMENTAL.equals(chain.getFirst().kind());
    return isWhole ? List.copyOf(chain) : List.of();
  }
}
