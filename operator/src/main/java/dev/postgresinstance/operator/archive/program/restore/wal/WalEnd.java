package dev.postgresinstance.operator.archive.program.restore.wal;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Finds the last complete record of a segment before a position. A server sends its write-ahead log
 * in pieces that end anywhere, but a recovery ends behind a record: only a position between two
 * records can be compared with the end of a recovery.
 *
 * <p>Reads only the headers of pages and records, whose form is the same in all supported versions,
 * and the checksums of records where it is not known how far the log was written. PostgreSQL itself
 * checks the content.
 */
public final class WalEnd {

  private static final int PAGE = 8192;
  private static final int PAGE_HEADER = 24;
  private static final int FIRST_PAGE_HEADER = 40;
  private static final int FLAGS_AT = 2;
  private static final int ADDRESS_AT = 8;
  private static final int CONTINUED_LENGTH_AT = 16;
  private static final int PAGE_SIZE_AT = 36;
  private static final int CONTINUES_RECORD = 0x1;
  private static final int ABANDONS_RECORD = 0x8;
  private static final int RECORD_HEADER = 24;
  private static final int INFO_AT = 16;
  private static final int MANAGER_AT = 17;
  private static final int CHECKSUM_AT = 20;
  private static final int SWITCH_INFO = 0x40;
  private static final int INFO_MASK = 0xF0;
  private static final int ALIGNMENT = 8;

  private final WalSegment segment;
  private final Lsn limit;
  private final byte[] header = new byte[RECORD_HEADER];

  /** End of the last complete record, or -1. */
  private long end = -1;

  /** Bytes of the record that are still to come. */
  private long remaining;

  /** Bytes of the record that were read. */
  private long read;

  private boolean switched;

  private final Trust trust;
  private final CRC32C checksum = new CRC32C();

  /** When a record counts. */
  private enum Trust {
    /** Always: everything before the limit is there. */
    ALL,
    /** With its checksum, or when it begins in the segment before, where its checksum is. */
    WRITTEN,
    /** With its checksum, or when a record with its checksum follows. */
    PROVEN
  }

  private WalEnd(WalSegment segment, Lsn limit, Trust trust) {
    this.segment = segment;
    this.limit = limit;
    this.trust = trust;
  }

  /** A segment that contains less than it should. */
  public static final class DamagedException extends Exception {

    private static final long serialVersionUID = 1;

    DamagedException(String message) {
      super(message);
    }
  }

  /**
   * Finds the end of the last record that is complete at a position.
   *
   * @param content the segment from its beginning; is read up to the position
   * @param limit a position in the segment, or its end
   * @return empty when a record from an earlier segment reaches beyond the position
   * @throws DamagedException when there is no record where one must be
   */
  public static Optional<Lsn> find(InputStream content, WalSegment segment, Lsn limit)
      throws IOException, DamagedException {
    WalEnd search = new WalEnd(segment, limit, Trust.ALL);
    search.readPages(content, segment.start());
    return search.end < 0 ? Optional.empty() : Optional.of(new Lsn(search.end));
  }

  /**
   * Finds the end of the last record of a segment that is being filled. What follows is zeros, or
   * was not written completely before a failure: each record must have its checksum.
   *
   * @param content the segment from its beginning
   * @return empty when no record ends in the segment
   */
  public static Optional<Lsn> findWritten(InputStream content, WalSegment segment)
      throws IOException {
    return find(content, segment, segment.start(), Trust.WRITTEN);
  }

  /**
   * Finds the end of the last record of a segment that is certain to be complete: unlike {@link
   * #findWritten}, a record that begins in the segment before counts only when another one follows,
   * and the empty rest of a segment does not count, because the server may still be sending it.
   *
   * @param content the segment from the beginning of the page that contains {@code from}
   * @param from the start of the segment, or a position that this method has returned
   * @return empty when no such record ends behind {@code from}
   */
  public static Optional<Lsn> findProven(InputStream content, WalSegment segment, Lsn from)
      throws IOException {
    return find(content, segment, from, Trust.PROVEN).filter(end -> end.compareTo(from) > 0);
  }

  /** The beginning of the page that contains a position. */
  public static Lsn page(Lsn position) {
    return new Lsn(position.value() - position.value() % PAGE);
  }

  private static Optional<Lsn> find(InputStream content, WalSegment segment, Lsn from, Trust trust)
      throws IOException {
    WalEnd search = new WalEnd(segment, segment.end(), trust);
    try {
      search.readPages(content, from);
    } catch (DamagedException e) {
      // Nothing is written from there on.
    }
    return search.end < 0 ? Optional.empty() : Optional.of(new Lsn(search.end));
  }

  private void readPages(InputStream content, Lsn from) throws IOException, DamagedException {
    long page = page(from).value();
    int skipped = (int) (from.value() - page);
    int header = page == segment.start().value() ? FIRST_PAGE_HEADER : PAGE_HEADER;
    // The position may be behind the header of a page that has no record yet.
    for (; page + header < limit.value() && !switched; page += PAGE) {
      readPage(content.readNBytes(PAGE), page, skipped);
      header = PAGE_HEADER;
      skipped = 0;
    }
  }

  private void readPage(byte[] bytes, long address, int skipped) throws DamagedException {
    boolean first = address == segment.start().value();
    if (bytes.length < PAGE && address + bytes.length < limit.value()) {
      throw damaged(address + bytes.length, "the file ends");
    }
    ByteBuffer page = ByteBuffer.wrap(Arrays.copyOf(bytes, PAGE)).order(ByteOrder.LITTLE_ENDIAN);
    if (page.getLong(ADDRESS_AT) != address) {
      throw damaged(address, "no page begins");
    }
    if (first && page.getInt(PAGE_SIZE_AT) != PAGE) {
      throw damaged(address, "the pages have another size than %d bytes".formatted(PAGE));
    }
    if (skipped == 0) {
      beginPage(page, address, first);
    }
    int header = first ? FIRST_PAGE_HEADER : PAGE_HEADER;
    readRecords(page, address, Math.max(header, skipped));
  }

  private void beginPage(ByteBuffer page, long address, boolean first) throws DamagedException {
    int flags = page.getShort(FLAGS_AT);
    boolean continues = (flags & CONTINUES_RECORD) != 0;
    long length = Integer.toUnsignedLong(page.getInt(CONTINUED_LENGTH_AT));
    if (first && continues) {
      remaining = length;
      read = RECORD_HEADER; // Whatever it is: its header was in the segment before.
    } else if (first) {
      end = address;
    } else if ((flags & ABANDONS_RECORD) != 0) {
      // The server has crashed while it wrote the record.
      remaining = 0;
    } else if (remaining != (continues ? length : 0)) {
      throw damaged(address, "the page does not continue the record before");
    }
  }

  private void readRecords(ByteBuffer page, long address, int from) throws DamagedException {
    int offset = from;
    while (offset < PAGE && address + offset < limit.value() && !switched) {
      if (remaining == 0) {
        remaining = Integer.toUnsignedLong(page.getInt(offset));
        read = 0;
        checksum.reset();
        if (remaining < RECORD_HEADER) {
          throw damaged(address + offset, "there is no record");
        }
      }
      int part = (int) Math.min(remaining, PAGE - offset);
      int headerPart = (int) Math.max(0, Math.min(part, RECORD_HEADER - read));
      page.get(offset, header, (int) Math.min(read, RECORD_HEADER), headerPart);
      checksum.update(page.slice(offset + headerPart, part - headerPart));
      read += part;
      remaining -= part;
      offset = Math.min(PAGE, aligned(offset + part));
      if (remaining == 0 && address + offset <= limit.value()) {
        endRecord(address + offset);
      }
    }
  }

  private void endRecord(long position) throws DamagedException {
    boolean hasHeader = ByteBuffer.wrap(header).getInt() != 0;
    if (hasHeader && trust != Trust.ALL) {
      requireChecksum(position);
    }
    if (hasHeader || trust != Trust.PROVEN) {
      end = position;
    }
    if (read == RECORD_HEADER
        && header[MANAGER_AT] == 0
        && (header[INFO_AT] & INFO_MASK) == SWITCH_INFO) {
      // The rest of the segment is empty.
      switched = true;
      if (trust != Trust.PROVEN && segment.end().compareTo(limit) <= 0) {
        end = segment.end().value();
      }
    }
  }

  /** PostgreSQL: {@code ValidXLogRecord}. */
  private void requireChecksum(long position) throws DamagedException {
    checksum.update(header, 0, CHECKSUM_AT);
    int expected = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt(CHECKSUM_AT);
    if ((int) checksum.getValue() != expected) {
      throw damaged(position, "a record ends that has another content");
    }
  }

  private static int aligned(int offset) {
    return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static DamagedException damaged(long position, String what) {
    return new DamagedException("at %s, %s".formatted(new Lsn(position), what));
  }
}
