package dev.postgresinstance.operator.archive.program.received;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterInputStream;

/**
 * A stream, compressed while it is read (RFC 1952). The JDK only compresses what is written, which
 * would need a second thread.
 */
public final class GzipSource extends InputStream {

  private static final int BUFFER = 64 * 1024;
  private static final byte DEFLATE = 8;
  private static final byte UNIX = 3;

  private static final byte[] HEADER = {
    0x1f, (byte) 0x8b, DEFLATE, 0, 0, 0, 0, 0, 0, UNIX,
  };

  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
  private final CheckedInputStream content;
  private final InputStream body;
  private InputStream part = new ByteArrayInputStream(HEADER);
  private boolean inBody;
  private boolean ended;

  /** The compressed stream, with the fastest level. */
  public GzipSource(InputStream content) {
    this.content = new CheckedInputStream(content, new CRC32());
    this.body = new DeflaterInputStream(this.content, deflater, BUFFER);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = part.read(buffer, offset, length);
    while (read < 0 && !ended) {
      ended = inBody;
      inBody = true;
      part = ended ? trailer() : body;
      read = part.read(buffer, offset, length);
    }
    return read;
  }

  /** Checksum and size, known when everything before was read. */
  private InputStream trailer() {
    ByteBuffer bytes = ByteBuffer.allocate(2 * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt((int) content.getChecksum().getValue()).putInt((int) deflater.getBytesRead());
    return new ByteArrayInputStream(bytes.array());
  }

  @Override
  public void close() throws IOException {
    deflater.end();
    content.close();
  }
}
