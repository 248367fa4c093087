package dev.postgresinstance.operator.archive;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * An uninterrupted part of the write-ahead log of one server.
 *
 * @param lineage its name
 * @param systemIdentifier that of the server's data, a decimal number
 * @param timeline the only one of the lineage
 * @param walSegmentSize in bytes
 * @param startLsn where the log in the archive begins
 * @param owner uid of the data claim
 * @param name of the instance, for people
 * @param namespace of the instance, for people
 * @param previous the lineage that this one continues, not without a gap; null for the first one
 * @param gap why the previous lineage did not continue; null for the first one
 */
public record LineageRecord(
    int formatVersion,
    String instanceId,
    String lineage,
    String systemIdentifier,
    int timeline,
    long walSegmentSize,
    String postgresVersion,
    Lsn startLsn,
    Instant startedAt,
    String owner,
    String name,
    String namespace,
    String previous,
    String gap)
    implements ArchiveRecord {

  /** Rejects a record without what a restore needs. */
  public LineageRecord {
    requireNonNull(lineage, "lineage");
    requireNonNull(startedAt, "startedAt");
    if (timeline < 1 || Long.bitCount(walSegmentSize) != 1) {
      throw new IllegalArgumentException("timeline or walSegmentSize is not valid");
    }
  }
}
