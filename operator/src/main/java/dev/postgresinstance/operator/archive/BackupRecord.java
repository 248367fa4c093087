package dev.postgresinstance.operator.archive;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A complete backup: all of its files, and the write-ahead log without which they are inconsistent,
 * are in the store.
 *
 * @param startLsn where recovery begins
 * @param stopLsn the first position at which recovery may end
 * @param timeline that of the lineage
 * @param size bytes of the data
 * @param storedSize bytes of the objects
 * @param sha256 of base.tar.gz, in hexadecimal digits
 * @param kind {@code full}, or {@code incremental} to a parent
 * @param parent name of the backup of the same lineage that this one needs; null for a full one
 */
public record BackupRecord(
    int formatVersion,
    String name,
    String instanceId,
    String lineage,
    String postgresVersion,
    Instant startedAt,
    Instant stoppedAt,
    Lsn startLsn,
    Lsn stopLsn,
    int timeline,
    long size,
    long storedSize,
    String sha256,
    String kind,
    String parent)
    implements ArchiveRecord {

  /** The kind of a backup that needs no other one. */
  public static final String FULL = "full";

  /** The kind of a backup that contains only what has changed since another one. */
  public static final String INCREMENTAL = "incremental";

  /** Rejects a record without what a restore needs. */
  public BackupRecord {
    requireNonNull(name, "name");
    requireNonNull(lineage, "lineage");
    requireNonNull(startedAt, "startedAt");
    requireNonNull(stoppedAt, "stoppedAt");
    requireNonNull(startLsn, "startLsn");
    requireNonNull(stopLsn, "stopLsn");
  }
}
