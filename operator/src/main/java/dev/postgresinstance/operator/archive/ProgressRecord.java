package dev.postgresinstance.operator.archive;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * How far a lineage is in the store.
 *
 * @param lsn the write-ahead log before this position is in the store
 * @param time every transaction that was committed before this time is in the store
 */
public record ProgressRecord(int formatVersion, Lsn lsn, Instant time) implements ArchiveRecord {

  /** Rejects a record without position or time. */
  public ProgressRecord {
    requireNonNull(lsn, "lsn");
    requireNonNull(time, "time");
  }
}
