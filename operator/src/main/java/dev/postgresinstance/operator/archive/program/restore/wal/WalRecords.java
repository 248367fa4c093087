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
 * Reads the records of a segment, and on into the next one.
 *
 * <p>Reads only the headers of pages and records, whose form is the same in all supported versions,
 * and the checksums of records where it is not known how far the log was written. PostgreSQL itself
 * checks the content.
 */
final class WalRecords {

  static final int PAGE = 8192;

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

  private final boolean isChecked;
  private WalSegment segment;
  private Lsn limit;
  private final byte[] header = new byte[RECORD_HEADER];
  private final CRC32C checksum = new CRC32C();

  /** End of the last complete record, or -1. */
  private long end = -1;

  /** Bytes of the record that are still to come. */
  private long remaining;

  /** Bytes of the record that were read. */
  private long read;

  private boolean switched;

  /**
   * Records of a segment.
   *
   * @param limit a position in the segment, or its end
   * @param isChecked whether a record counts only with its checksum. Otherwise everything before
   *     the limit is there
   */
  WalRecords(WalSegment segment, Lsn limit, boolean isChecked) {
    this.segment = segment;
    this.limit = limit;
    this.isChecked = isChecked;
  }

  /** The end of the last complete record of this segment; empty if there is none. */
  Optional<Lsn> end() {
    return end < 0 ? Optional.empty() : Optional.of(new Lsn(end));
  }

  /** Goes to the beginning of the next segment, into which a record may continue. */
  void nextSegment() {
    segment = segment.next();
    limit = segment.end();
    end = -1;
    remaining = switched ? 0 : remaining;
    switched = false;
  }

  /**
   * Reads to the limit, or until no more is written.
   *
   * @param content from the beginning of the page that contains {@code from}
   * @param from the start of the segment, or the end of a record
   */
  void read(InputStream content, Lsn from) throws IOException, DamagedWalException {
    int skipped = (int) (from.value() % PAGE);
    long page = from.value() - skipped;
    int header = page == segment.start().value() ? FIRST_PAGE_HEADER : PAGE_HEADER;
    // The position may be behind the header of a page that has no record yet.
    for (; page + header < limit.value() && !switched; page += PAGE) {
      readPage(content.readNBytes(PAGE), page, skipped);
      header = PAGE_HEADER;
      skipped = 0;
    }
  }

  private void readPage(byte[] bytes, long address, int skipped) throws DamagedWalException {
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

  private void beginPage(ByteBuffer page, long address, boolean first) throws DamagedWalException {
    int flags = page.getShort(FLAGS_AT);
    boolean continues = (flags & CONTINUES_RECORD) != 0;
    long length = Integer.toUnsignedLong(page.getInt(CONTINUED_LENGTH_AT));
    if (first && continues && remaining != length) {
      // Whatever it is: its header was in the segment before.
      remaining = length;
      read = RECORD_HEADER;
      Arrays.fill(header, (byte) 0);
    } else if (first && !continues) {
      remaining = 0;
      end = address;
    } else if ((flags & ABANDONS_RECORD) != 0) {
      // The server has crashed while it wrote the record.
      remaining = 0;
    } else if (remaining != (continues ? length : 0)) {
      throw damaged(address, "the page does not continue the record before");
    }
  }

  private void readRecords(ByteBuffer page, long address, int from) throws DamagedWalException {
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

  private void endRecord(long position) throws DamagedWalException {
    boolean hasHeader = ByteBuffer.wrap(header).getInt() != 0;
    if (hasHeader && isChecked) {
      requireChecksum(position);
    }
    if (hasHeader || !isChecked) {
      end = position;
    }
    if (read == RECORD_HEADER
        && header[MANAGER_AT] == 0
        && (header[INFO_AT] & INFO_MASK) == SWITCH_INFO) {
      // The rest of the segment is empty.
      switched = true;
      if (!isChecked && segment.end().compareTo(limit) <= 0) {
        end = segment.end().value();
      }
    }
  }

  /** PostgreSQL: {@code ValidXLogRecord}. */
  private void requireChecksum(long position) throws DamagedWalException {
    checksum.update(header, 0, CHECKSUM_AT);
    int expected = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt(CHECKSUM_AT);
    if ((int) checksum.getValue() != expected) {
      throw damaged(position, "a record ends that has another content");
    }
  }

  private static int aligned(int offset) {
    return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static DamagedWalException damaged(long position, String what) {
    return new DamagedWalException("at %s, %s".formatted(new Lsn(position), what));
  }
}
