package dev.postgresinstance.operator.archive.program.ship.spool;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Compresses files fast: level 1 of gzip. */
public final class GzipFile {

  private static final int BUFFER = 64 * 1024;

  private GzipFile() {}

  /**
   * Writes a compressed copy of a part; replaces what is there.
   *
   * @param from offset of its first byte
   * @param to offset of the first byte behind it
   * @throws EOFException when the file ends before
   */
  public static void write(Path source, long from, long to, Path target) throws IOException {
    try (FileChannel file = FileChannel.open(source);
        InputStream in = Channels.newInputStream(file.position(from));
        OutputStream out = new FastGzip(Files.newOutputStream(target))) {
      byte[] buffer = new byte[BUFFER];
      long missing = to - from;
      while (missing > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, missing));
        if (read < 0) {
          throw new EOFException("%s has less than %d bytes".formatted(source, to));
        }
        out.write(buffer, 0, read);
        missing -= read;
      }
    }
  }

  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, BUFFER);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
