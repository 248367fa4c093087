package dev.postgresinstance.operator.archive.program.base;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads a tar file that is given to it piece by piece, on its way elsewhere: libraries for tar read
 * a stream themselves, which would need a second thread and a pipe between them. Knows the format
 * that PostgreSQL writes, ustar: names of at most 99 bytes, and sizes in octal digits or, from 8
 * GiB on, in binary.
 */
public final class TarReader {

  /** Type of a file, as in the header. */
  public static final char FILE = '0';

  /** Type of a symbolic link. */
  public static final char LINK = '2';

  /** Type of a folder, whose name ends with a slash. */
  public static final char FOLDER = '5';

  private static final int BLOCK = 512;
  private static final int NAME_LENGTH = 100;
  private static final int SIZE_OFFSET = 124;
  private static final int SIZE_LENGTH = 12;
  private static final int TYPE_OFFSET = 156;
  private static final int MAGIC_OFFSET = 257;
  private static final int BINARY = 0x80;
  private static final int OCTAL = 8;

  /** Gets what is in the tar file. */
  public interface Content {

    /** An entry begins; its content follows. */
    void entry(String name, char type, long size) throws IOException;

    /** A part of the content of the last entry. */
    void data(byte[] buffer, int offset, int length) throws IOException;

    /** The content of the last entry is complete. */
    void endOfEntry() throws IOException;
  }

  private final Content content;
  private final byte[] header = new byte[BLOCK];
  private int headerLength;
  private long remaining;
  private int padding;
  private boolean complete;

  /** A reader at the beginning of a tar file. */
  public TarReader(Content content) {
    this.content = content;
  }

  /** Whether the end of the tar file was there. */
  public boolean isComplete() {
    return complete;
  }

  /** Reads the next bytes. What follows the end of the tar file is ignored. */
  public void accept(byte[] buffer, int from, int length) throws IOException {
    int offset = from;
    int end = from + length;
    while (offset < end && !complete) {
      if (remaining > 0) {
        int part = (int) Math.min(remaining, end - offset);
        content.data(buffer, offset, part);
        remaining -= part;
        offset += part;
        if (remaining == 0) {
          content.endOfEntry();
        }
      } else if (padding > 0) {
        int part = Math.min(padding, end - offset);
        padding -= part;
        offset += part;
      } else {
        int part = Math.min(BLOCK - headerLength, end - offset);
        System.arraycopy(buffer, offset, header, headerLength, part);
        headerLength += part;
        offset += part;
        if (headerLength == BLOCK) {
          headerLength = 0;
          readHeader();
        }
      }
    }
  }

  private void readHeader() throws IOException {
    if (header[0] == 0) {
      complete = true;
      return;
    }
    String magic = new String(header, MAGIC_OFFSET, 5, StandardCharsets.US_ASCII);
    if (!magic.equals("ustar")) {
      throw new IOException("the tar file is damaged: a header is none");
    }
    int length = 0;
    while (length < NAME_LENGTH && header[length] != 0) {
      length++;
    }
    char type = (char) header[TYPE_OFFSET];
    // The size of a link is that of nothing.
    remaining = type == FILE ? size() : 0;
    padding = (int) (-remaining & (BLOCK - 1));
    content.entry(new String(header, 0, length, StandardCharsets.UTF_8), type, remaining);
    if (remaining == 0) {
      content.endOfEntry();
    }
  }

  private long size() throws IOException {
    byte[] field = Arrays.copyOfRange(header, SIZE_OFFSET, SIZE_OFFSET + SIZE_LENGTH);
    long size = 0;
    if ((field[0] & BINARY) != 0) {
      for (int i = 1; i < SIZE_LENGTH; i++) {
        size = (size << Byte.SIZE) | (field[i] & 0xFF);
      }
      return size;
    }
    try {
      String digits = new String(field, StandardCharsets.US_ASCII).replace('\0', ' ').strip();
      return Long.parseLong(digits, OCTAL);
    } catch (NumberFormatException e) {
      throw new IOException("the tar file is damaged: a size is none", e);
    }
  }
}
