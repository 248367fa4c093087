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
    // Replication slots lose WAL beyond this size; PostgreSQL has no limit by default.
    settings.put("max_slot_wal_keep_size", Math.max(smallest, volume / 5) + "MB");
    return settings;
  }

  /** Size of a segment file in MB; {@code initdb --wal-segsize}. */
  public static long segmentMegabytes(PostgresInstanceSpec spec) {
    return spec.initdb() == null || spec.initdb().walSegmentSize() == null
        ? DEFAULT_SEGMENT_MEGABYTES
        : Long.parseLong(spec.initdb().walSegmentSize().replace("1GB", "1024MB").replace("MB", ""));
  }
}
