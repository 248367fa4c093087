package dev.postgresinstance.operator.archive.program.base;

import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.time.Duration;

/** Waits until the write-ahead log of a backup is in the store. */
final class WalWait {

  private final ObjectStore store;
  private final LineageRecord lineage;
  private final Duration pause;

  /**
   * A wait.
   *
   * @param pause between two requests
   */
  WalWait(ObjectStore store, LineageRecord lineage, Duration pause) {
    this.store = store;
    this.lineage = lineage;
    this.pause = pause;
  }

  /**
   * Returns when every segment from one position to another is complete in the store. The server
   * has completed the last one at the end of the backup.
   */
  void await(Lsn start, Lsn stop, Duration timeout)
      throws StoreException, ProgramFailure, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    long size = lineage.walSegmentSize();
    WalSegment segment = WalSegment.containing(start, lineage.timeline(), size);
    boolean told = false;
    while (stop.compareTo(segment.start()) > 0) {
      if (isStored(segment)) {
        segment = segment.next();
        continue;
      }
      if (System.nanoTime() - end > 0) {
        throw new ProgramFailure(
            "WalMissing",
            "The write-ahead log of the backup did not reach the store within %d s: %s is missing."
                .formatted(timeout.toSeconds(), segment.name()));
      }
      if (!told) {
        ProgramLog.say("Waiting for %s", segment.name());
        told = true;
      }
      Thread.sleep(pause);
    }
  }

  private boolean isStored(WalSegment segment) throws StoreException {
    String key = ArchiveLayout.wal(lineage.instanceId(), lineage.lineage(), segment.name());
    try {
      return store.find(key).isPresent();
    } catch (StoreException e) {
      if (!e.isTemporary()) {
        throw e;
      }
      return false;
    }
  }
}
