package dev.postgresinstance.operator.archive.program.restore.wal;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.ProgressRecord;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Waits until an archive that is still being written contains everything that was committed before
 * a moment.
 */
public final class ProgressWait {

  private final ObjectStore store;
  private final String key;
  private final Check check;
  private final Duration pause;

  /** Called again and again while it waits. */
  @FunctionalInterface
  public interface Check {
    /** Ends the wait by a failure, if there is a reason; the result is of no interest. */
    Object run() throws ProgramFailure, IOException;
  }

  /**
   * A wait.
   *
   * @param lineage that from which the recovery will take its log: only its progress counts
   * @param check ends the wait by its failure
   * @param pause between two requests
   */
  public ProgressWait(
      ObjectStore store, String instanceId, String lineage, Check check, Duration pause) {
    this.store = store;
    this.key = ArchiveLayout.progress(instanceId, lineage);
    this.check = check;
    this.pause = pause;
  }

  /**
   * Returns when everything that was committed before a moment is in the archive.
   *
   * @throws ProgramFailure when it is not after that time
   */
  public void await(Instant moment, Duration patience) throws ProgramFailure, IOException {
    long end = System.nanoTime() + patience.toNanos();
    Optional<Instant> reached = reached(Optional.empty());
    if (!isBefore(moment, reached)) {
      return;
    }
    ProgramLog.say(
        "Waiting until the archive contains everything from before %s. It contains %s.",
        moment, text(reached));
    while (isBefore(moment, reached)) {
      if (System.nanoTime() - end > 0) {
        throw new ProgramFailure(
            "ArchiveBehind",
            "The archive is behind: it must contain everything from before %s, when this instance was created, and %d s later it contains %s. The condition BackupReady of the instance that spec.source names says why."
                .formatted(moment, patience.toSeconds(), text(reached)));
      }
      sleep();
      check.run();
      reached = reached(reached);
    }
  }

  private static boolean isBefore(Instant moment, Optional<Instant> reached) {
    return reached.filter(time -> !time.isBefore(moment)).isEmpty();
  }

  private static String text(Optional<Instant> reached) {
    return reached
        .map("everything from before %s"::formatted)
        .orElse("nothing after its base backup");
  }

  /** A store that is away for a moment makes no difference. */
  private Optional<Instant> reached(Optional<Instant> before) throws StoreException {
    try {
      return ArchiveJson.read(store, key, ProgressRecord.class).map(ProgressRecord::time);
    } catch (StoreException e) {
      if (!e.isTemporary()) {
        throw e;
      }
      return before;
    }
  }

  private void sleep() {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it waited", e);
    }
  }
}
