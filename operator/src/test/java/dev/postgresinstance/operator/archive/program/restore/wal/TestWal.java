package dev.postgresinstance.operator.archive.program.restore.wal;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import java.util.zip.GZIPOutputStream;

/** A write-ahead log like that of PostgreSQL, with records that say nothing. */
public final class TestWal {

  public static final int SEGMENT_SIZE = 1 << 20;
  public static final int PAGE = 8192;
  public static final int RECORD_HEADER = 24;

  private final int timeline;
  private final Map<Long, byte[]> segments = new TreeMap<>();
  private long position;

  public TestWal(int timeline, Lsn start) {
    this.timeline = timeline;
    this.position = start.value();
  }

  /** Adds a record, and returns its end. */
  public Lsn record(int length) {
    return record(length, 0x10);
  }

  /** Ends the segment, like pg_switch_wal(), and returns the end of the record. */
  public Lsn switchSegment() {
    Lsn end = record(RECORD_HEADER, 0x40);
    position = (position + SEGMENT_SIZE - 1) / SEGMENT_SIZE * SEGMENT_SIZE;
    return end;
  }

  private Lsn record(int length, int info) {
    ByteBuffer record = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    record.putInt(length).position(16);
    record.put((byte) info);
    CRC32C checksum = new CRC32C();
    checksum.update(record.array(), RECORD_HEADER, length - RECORD_HEADER);
    checksum.update(record.array(), 0, 20);
    record.putInt(20, (int) checksum.getValue());
    for (int i = 0; i < length; i++) {
      beginPage(length - i, i > 0 ? 1 : 0);
      put(record.get(i));
    }
    align();
    return new Lsn(position);
  }

  /** Writes a part of a record that the server never completes, and goes to the next page. */
  public void abandonedRecord(int length) {
    beginPage(0, 0);
    for (byte value : new byte[] {(byte) length, (byte) (length >> 8), (byte) (length >> 16), 0}) {
      put(value);
    }
    position = (position / PAGE + 1) * PAGE;
    beginPage(0, 8);
  }

  private void beginPage(int remaining, int flags) {
    if (position % PAGE != 0) {
      return;
    }
    boolean first = position % SEGMENT_SIZE == 0;
    ByteBuffer header = ByteBuffer.allocate(first ? 40 : 24).order(ByteOrder.LITTLE_ENDIAN);
    header.putShort((short) 0xD116).putShort((short) (flags | (first ? 2 : 0)));
    header.putInt(timeline).putLong(position).putInt((flags & 1) != 0 ? remaining : 0);
    if (first) {
      header.putInt(32, SEGMENT_SIZE).putInt(36, PAGE);
    }
    for (byte value : header.array()) {
      put(value);
    }
  }

  private void put(byte value) {
    segments
            .computeIfAbsent(position / SEGMENT_SIZE, number -> new byte[SEGMENT_SIZE])[
            (int) (position % SEGMENT_SIZE)] =
        value;
    position++;
  }

  private void align() {
    position = (position + 7) / 8 * 8;
  }

  /** The current end. */
  public Lsn end() {
    return new Lsn(position);
  }

  public WalSegment segment(Lsn lsn) {
    return WalSegment.containing(lsn, timeline, SEGMENT_SIZE);
  }

  public byte[] content(WalSegment segment) {
    return segments.getOrDefault(segment.number(), new byte[SEGMENT_SIZE]);
  }

  /** The content of a segment up to a position, as the archive contains it. */
  public byte[] zipped(WalSegment segment) {
    return zip(content(segment));
  }

  public InputStream open(WalSegment segment) {
    return new ByteArrayInputStream(content(segment));
  }

  public static byte[] zip(byte[] content) {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return zipped.toByteArray();
  }

  public static byte[] firstHalf(byte[] content) {
    return Arrays.copyOf(content, content.length / 2);
  }
}
