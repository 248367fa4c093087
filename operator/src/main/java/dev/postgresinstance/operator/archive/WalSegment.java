package dev.postgresinstance.operator.archive;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One file of the write-ahead log.
 *
 * @param timeline from 1
 * @param number position of the file in the log, in units of the segment size
 * @param size bytes of each segment of the server: a power of two from 1 MiB to 1 GiB
 */
public record WalSegment(int timeline, long number, long size) {

  private static final Pattern NAME = Pattern.compile("([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})");
  private static final int HEX = 16;
  private static final long LOG_FILE_BYTES = 1L << 32;

  /** The segment that contains a position. */
  public static WalSegment containing(Lsn lsn, int timeline, long size) {
    return new WalSegment(timeline, Long.divideUnsigned(lsn.value(), size), size);
  }

  /** The segment with the last byte before a position, which is not the beginning of the log. */
  public static WalSegment before(Lsn lsn, int timeline, long size) {
    return containing(new Lsn(lsn.value() - 1), timeline, size);
  }

  /** The segment with the name of a file; empty when the text is no such name. */
  public static Optional<WalSegment> named(String name, long size) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long perLogFile = LOG_FILE_BYTES / size;
    long number =
        Long.parseLong(matcher.group(2), HEX) * perLogFile + Long.parseLong(matcher.group(3), HEX);
    return Optional.of(
        new WalSegment(Integer.parseUnsignedInt(matcher.group(1), HEX), number, size));
  }

  /** Name of the file, such as {@code 000000010000000000000003}. */
  public String name() {
    long perLogFile = LOG_FILE_BYTES / size;
    return "%08X%08X%08X".formatted(timeline, number / perLogFile, number % perLogFile);
  }

  /** The first position in the segment. */
  public Lsn start() {
    return new Lsn(number * size);
  }

  /** The first position behind the segment. */
  public Lsn end() {
    return new Lsn((number + 1) * size);
  }

  /** The following segment of the same timeline. */
  public WalSegment next() {
    return new WalSegment(timeline, number + 1, size);
  }

  /** The preceding segment of the same timeline. */
  public WalSegment previous() {
    return new WalSegment(timeline, number - 1, size);
  }
}
