package dev.postgresinstance.operator.archive.program.ship.spool;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * The pages of a segment. Each begins with its own position (PostgreSQL: {@code
 * XLogPageHeaderData}, {@code xlp_pageaddr}), in the byte order of the server, which is that of all
 * nodes here.
 */
public final class WalPage {

  private static final int ADDRESS_OFFSET = 8;
  private static final int HEADER = 16;

  private WalPage() {}

  /** Whether a file begins with the first page of a segment. */
  public static boolean startsSegment(Path file, WalSegment segment) throws IOException {
    return hasPage(file, segment, segment.start());
  }

  /**
   * Whether a file that is being filled already contains the page that ends at a position or
   * contains it. The rest of such a file is zeros, or is from before.
   *
   * @param position in the segment, or its end
   */
  public static boolean reaches(Path file, WalSegment segment, Lsn position, int blockSize)
      throws IOException {
    long last = position.value() - 1;
    return hasPage(file, segment, new Lsn(last - Long.remainderUnsigned(last, blockSize)));
  }

  private static boolean hasPage(Path file, WalSegment segment, Lsn page) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.nativeOrder());
    try (FileChannel channel = FileChannel.open(file)) {
      long offset = page.value() - segment.start().value();
      while (header.hasRemaining()) {
        int read = channel.read(header, offset + header.position());
        if (read < 0) {
          throw new EOFException();
        }
      }
    } catch (EOFException e) {
      return false;
    }
    return header.getLong(ADDRESS_OFFSET) == page.value();
  }
}
