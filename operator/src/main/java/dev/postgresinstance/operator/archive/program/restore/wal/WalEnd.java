package dev.postgresinstance.operator.archive.program.restore.wal;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Finds the last complete record of a segment before a position. A server sends its write-ahead log
 * in pieces that end anywhere, but a recovery ends behind a record: only a position between two
 * records can be compared with the end of a recovery.
 */
public final class WalEnd {

  private WalEnd() {}

  /**
   * Finds the end of the last record that is complete at a position.
   *
   * @param content the segment from its beginning; is read up to the position
   * @param limit a position in the segment, or its end
   * @return empty when a record from an earlier segment reaches beyond the position
   * @throws DamagedWalException when there is no record where one must be
   */
  public static Optional<Lsn> find(InputStream content, WalSegment segment, Lsn limit)
      throws IOException, DamagedWalException {
    WalRecords records = new WalRecords(segment, limit, false);
    records.read(content, segment.start());
    return records.end();
  }

  /**
   * Finds the end of the last record of a segment that is being filled. What follows is zeros, or
   * was not written completely before a failure: each record must have its checksum. The empty rest
   * of a segment does not count, because the server may still be sending it.
   *
   * @param before the segment before, from its beginning: the record that continues from there has
   *     its checksum there. Without it, this record counts only when another one follows
   * @param content the segment from its beginning
   * @return empty when no record ends in the segment
   */
  public static Optional<Lsn> findWritten(
      InputStream before, InputStream content, WalSegment segment) throws IOException {
    WalRecords records = new WalRecords(segment.previous(), segment.start(), true);
    readWritten(records, before, segment.previous().start());
    records.nextSegment();
    readWritten(records, content, segment.start());
    return records.end();
  }

  /**
   * Finds the end of the last record of a segment like {@link #findWritten}, without the segment
   * before.
   *
   * @param content the segment from the beginning of the page that contains {@code from}
   * @param from the start of the segment, or a position that this method has returned
   * @return empty when no such record ends behind {@code from}
   */
  public static Optional<Lsn> findProven(InputStream content, WalSegment segment, Lsn from)
      throws IOException {
    WalRecords records = new WalRecords(segment, segment.end(), true);
    readWritten(records, content, from);
    return records.end().filter(end -> end.compareTo(from) > 0);
  }

  private static void readWritten(WalRecords records, InputStream content, Lsn from)
      throws IOException {
    try {
      records.read(content, from);
    } catch (DamagedWalException e) {
      // Nothing is written from there on.
    }
  }

  /** The beginning of the page that contains a position. */
  public static Lsn page(Lsn position) {
    return new Lsn(position.value() - position.value() % WalRecords.PAGE);
  }
}
