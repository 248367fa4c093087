package dev.postgresinstance.operator.feature.storage;

/**
 * How full a server's volume is.
 *
 * @param used bytes that databases, write-ahead log and the start script's reserve take
 * @param volume size of the volume in bytes
 * @param full whether the server could not write another megabyte
 */
public record VolumeUse(long used, long volume, boolean full) {

  /** From this percentage on the volume is nearly full. */
  public static final int NEARLY_FULL_PERCENT = 85;

  private static final long MEBIBYTE = 1024 * 1024;
  private static final int RESERVE_FILES = 4;
  private static final int RESERVE_FRACTION = 128;

  /** Whether hardly any room is left, or none. */
  public boolean nearlyFull() {
    return full || percent() >= NEARLY_FULL_PERCENT;
  }

  /** How much of the volume is used, in percent, rounded down. */
  public int percent() {
    return (int) (used * 100 / volume);
  }

  /** The same use of a volume on which a write has failed. */
  VolumeUse asFull() {
    return new VolumeUse(used, volume, true);
  }

  /**
   * Adds the start script's reserve: four files of a 128th of the volume, of 24 to 64 MiB each.
   * Files that were given back count as well, up to the size of the volume.
   */
  static long withReserve(long bytes, long volume) {
    long reserve =
        RESERVE_FILES * Math.clamp(volume / RESERVE_FRACTION, 24 * MEBIBYTE, 64 * MEBIBYTE);
    return Math.min(volume, bytes + reserve);
  }
}
