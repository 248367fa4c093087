package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How much write-ahead log may accumulate between checkpoints. PostgreSQL's default of 1GB would
 * fill the default volume of 1Gi; a fifth of the volume, at most that default, leaves space for
 * data.
 */
public final class WalSize {

  private static final long DEFAULT_MEGABYTES = 1024;

  /** PostgreSQL rejects less than two segments of {@code wal_segment_size}. */
  private static final long SEGMENTS = 2;

  private static final long DEFAULT_SEGMENT_MEGABYTES = 16;

  /**
   * Segments that stay for a base backup. On a small volume, each change to another segment starts
   * a checkpoint, also the one at the end of a backup. Without this, that checkpoint removes the
   * segments that {@code pg_basebackup --wal-method=fetch} is about to read, even on an idle
   * server.
   */
  private static final long SEGMENTS_FOR_BACKUP = 3;

  private WalSize() {}

  /** The parameters that follow, by name. */
  static Map<String, String> settings(PostgresInstanceSpec spec) {
    long volume = Megabytes.of(spec.storage().size());
    long smallest = SEGMENTS * segmentMegabytes(spec);
    long max = Math.max(smallest, Math.min(DEFAULT_MEGABYTES, volume / 5));
    long min = Math.max(smallest, Math.min(80, max));
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("max_wal_size", max + "MB");
    settings.put("min_wal_size", min + "MB");
    long kept = SEGMENTS_FOR_BACKUP * segmentMegabytes(spec);
    // Large segments would take too much of a small volume; then only slots keep WAL.
    long keep = kept <= volume / 5 ? kept : 0;
    settings.put("wal_keep_size", keep + "MB");
    // Replication slots lose WAL beyond this size; PostgreSQL has no limit by default. The slot of
    // a base backup needs one segment more than what is kept without a slot.
    long slots = keep == 0 ? smallest : keep + segmentMegabytes(spec);
    settings.put("max_slot_wal_keep_size", Math.max(slots, volume / 5) + "MB");
    return settings;
  }

  /** Size of a segment file in MB; {@code initdb --wal-segsize}. */
  public static long segmentMegabytes(PostgresInstanceSpec spec) {
    return spec.initdb() == null || spec.initdb().walSegmentSize() == null
        ? DEFAULT_SEGMENT_MEGABYTES
        : Long.parseLong(spec.initdb().walSegmentSize().replace("1GB", "1024MB").replace("MB", ""));
  }
}
