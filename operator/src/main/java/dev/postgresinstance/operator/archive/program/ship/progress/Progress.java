package dev.postgresinstance.operator.archive.program.ship.progress;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.ArchiveRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.ProgressRecord;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Up to where everything is in the store, and what the store says about it. */
public final class Progress {

  /** An idle server is recoverable until now: the store learns it this often. */
  private static final Duration IDLE = Duration.ofMinutes(1);

  private final ObjectStore store;
  private final String key;
  private final DurableTimes times;
  private final LongSupplier clock;
  private volatile Reached reached;
  private boolean stored;
  private long due;

  /**
   * A progress.
   *
   * @param key of the record in the store
   * @param reached up to where everything is in the store at the beginning
   * @param clock in nanoseconds
   */
  public Progress(
      ObjectStore store, String key, DurableTimes times, Reached reached, LongSupplier clock) {
    this.store = store;
    this.key = key;
    this.times = times;
    this.reached = reached;
    this.clock = clock;
    this.due = clock.getAsLong();
  }

  /** Up to where everything is in the store. May be called by any thread. */
  public Reached reached() {
    return reached;
  }

  /** Everything before a position is in the store. */
  public void reach(Lsn position) {
    Lsn lsn = position.isAtLeast(reached.lsn()) ? position : reached.lsn();
    stored = stored && lsn.equals(reached.lsn());
    reached = new Reached(lsn, times.before(lsn).or(reached::time));
  }

  /**
   * Writes the record when the position has changed, or after a minute.
   *
   * @return whether it was written after a minute without a change
   */
  public boolean storeIfDue() throws StoreException {
    boolean idle = stored;
    reach(reached.lsn());
    if (reached.time().isEmpty() || (idle && clock.getAsLong() - due < 0)) {
      return false;
    }
    ProgressRecord record =
        new ProgressRecord(ArchiveRecord.FORMAT_VERSION, reached.lsn(), reached.time().get());
    store.put(key, ArchiveJson.write(record));
    stored = true;
    due = clock.getAsLong() + IDLE.toNanos();
    return idle;
  }
}
