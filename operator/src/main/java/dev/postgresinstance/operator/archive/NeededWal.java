package dev.postgresinstance.operator.archive;

import java.util.List;

/**
 * The segments of a lineage that must stay. What a proven backup needs ends with the backup: if the
 * log after it stayed as well, an archive that nobody verifies any more would only grow.
 *
 * @param kept backups that need the log from their starts on
 * @param proven backups that need the log up to their own ends
 * @param isUnused whether nothing else is needed. Otherwise, a lineage without a backup to keep
 *     waits for its first one, and needs all of its segments
 */
record NeededWal(
    LineageRecord log, List<BackupRecord> kept, List<BackupRecord> proven, boolean isUnused) {

  boolean contains(WalSegment segment) {
    return segment.number() >= first() || proven.stream().anyMatch(one -> isIn(one, segment));
  }

  private long first() {
    return kept.stream()
        .map(BackupRecord::startLsn)
        .min(Lsn::compareTo)
        .map(lsn -> WalSegment.containing(lsn, log.timeline(), log.walSegmentSize()).number())
        .orElse(isUnused ? Long.MAX_VALUE : 0L);
  }

  private boolean isIn(BackupRecord backup, WalSegment segment) {
    int timeline = log.timeline();
    long size = log.walSegmentSize();
    return segment.number() >= WalSegment.containing(backup.startLsn(), timeline, size).number()
        && segment.number() <= WalSegment.before(backup.stopLsn(), timeline, size).number();
  }
}
