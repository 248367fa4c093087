package dev.postgresinstance.operator.children;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import java.math.BigDecimal;

/**
 * How much write-ahead log may pile up between checkpoints. PostgreSQL's default, 1GB, would fill
 * the default volume of 1Gi; a fifth of the volume, at most that default, leaves it room for data.
 */
final class WalSize {

  private static final BigDecimal MEBIBYTE = BigDecimal.valueOf(1024L * 1024);
  private static final long DEFAULT_MEGABYTES = 1024;

  /** PostgreSQL refuses less than two segments of {@code wal_segment_size}. */
  private static final long SEGMENTS = 2;

  private static final long DEFAULT_SEGMENT_MEGABYTES = 16;

  private WalSize() {}

  /** The lines for postgresql.conf. */
  static String setting(PostgresInstanceSpec spec) {
    long volume =
        spec.storage().size().getNumericalAmount().divideToIntegralValue(MEBIBYTE).longValue();
    long smallest = SEGMENTS * segmentMegabytes(spec);
    long max = Math.max(smallest, Math.min(DEFAULT_MEGABYTES, volume / 5));
    long min = Math.max(smallest, Math.min(80, max));
    return "max_wal_size = %dMB\nmin_wal_size = %dMB\n".formatted(max, min);
  }

  /** Size of a segment file in MB; {@code initdb --wal-segsize}. */
  static long segmentMegabytes(PostgresInstanceSpec spec) {
    return spec.initdb() == null || spec.initdb().walSegmentSize() == null
        ? DEFAULT_SEGMENT_MEGABYTES
        : Long.parseLong(spec.initdb().walSegmentSize().replace("1GB", "1024MB").replace("MB", ""));
  }
}
