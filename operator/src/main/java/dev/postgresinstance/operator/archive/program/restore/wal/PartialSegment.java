package dev.postgresinstance.operator.archive.program.restore.wal;

import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * The content of a segment that is not complete: its beginning, then each part that continues at
 * the offset where the former one ends. It ends where no part continues it.
 */
final class PartialSegment extends InputStream {

  private static final int BUFFER = 1 << 16;

  private final Parts parts;
  private InputStream current;
  private long offset;

  /** Where the current part begins. */
  private long begin = -1;

  private boolean ended;

  /** The parts in the archive. */
  @FunctionalInterface
  interface Parts {
    /** The compressed content of the part with an offset; empty when there is none. */
    Optional<InputStream> open(long offset) throws StoreException;
  }

  /**
   * A segment.
   *
   * @param beginning not compressed
   */
  PartialSegment(InputStream beginning, Parts parts) {
    this.current = beginning;
    this.parts = parts;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  /** Fails with a {@link StoreException} when the store fails, otherwise when a part is damaged. */
  @Override
  public int read(byte[] buffer, int from, int length) throws IOException {
    int read = current.read(buffer, from, length);
    while (read < 0 && !ended) {
      proceed();
      read = current.read(buffer, from, length);
    }
    offset += Math.max(0, read);
    return read;
  }

  private void proceed() throws IOException {
    // A part without content would continue itself for ever.
    Optional<InputStream> next = offset == begin ? Optional.empty() : parts.open(offset);
    if (next.isEmpty()) {
      ended = true;
      return;
    }
    begin = offset;
    current.close();
    current = new GZIPInputStream(new StoreStream(next.get()), BUFFER);
  }

  @Override
  public void close() throws IOException {
    current.close();
  }
}
