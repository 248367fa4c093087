package dev.postgresinstance.operator.sql;

import java.io.IOException;

/**
 * Validates the lengths of the messages that a server sends, because the driver allocates a buffer
 * of any length that a message declares. A message consists of a type, a length that includes
 * itself, and the content. The content of a row is the number of its fields, and then each field
 * with a length of its own (documentation of PostgreSQL, "Message Formats").
 */
final class MessageLengths {

  private static final int ROW = 'D';
  private static final int READY_FOR_QUERY = 'Z';
  private static final int TYPE_AND_LENGTH = 1 + Integer.BYTES;

  private final int maxLength;

  /** Read by other threads. */
  private volatile boolean ready;

  /**
   * The received part of a header: of type and length of a message, or of the length of a field.
   */
  private long header;

  /** The number of received bytes of the header. */
  private int headerBytes;

  /** The number of bytes until the end of the message. */
  private int remaining;

  /** The number of bytes until the length of the next field. */
  private int untilLength;

  /**
   * Starts at the beginning of a connection.
   *
   * @param maxLength maximum length of the content of a message, in bytes
   */
  MessageLengths(int maxLength) {
    this.maxLength = maxLength;
  }

  /** Whether the server has accepted the login, and is ready for queries. */
  boolean isReady() {
    return ready;
  }

  /**
   * Validates the next bytes of the connection.
   *
   * @throws IOException if they declare an invalid length
   */
  void accept(byte[] bytes, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length; i++) {
      if (remaining == 0) {
        acceptMessageHeader(bytes[i]);
      } else {
        acceptContent(bytes[i]);
      }
    }
  }

  private void acceptMessageHeader(byte next) throws IOException {
    if (isHeaderComplete(next, TYPE_AND_LENGTH)) {
      int type = (byte) (header >> Integer.SIZE);
      remaining = requireInRange((int) header - Integer.BYTES, 0, maxLength);
      untilLength = type == ROW ? Short.BYTES : remaining;
      ready |= type == READY_FOR_QUERY;
      headerBytes = 0;
    }
  }

  private void acceptContent(byte next) throws IOException {
    remaining--;
    if (untilLength > 0) {
      untilLength--;
    } else if (isHeaderComplete(next, Integer.BYTES)) {
      untilLength = Math.max(0, requireInRange((int) header, -1, remaining)); // -1 means NULL
      headerBytes = 0;
    } else {
      requireInRange(remaining, 1, maxLength); // a message must not end within a length
    }
  }

  /** Adds a byte to the header, and returns whether the header has the given number of bytes. */
  private boolean isHeaderComplete(byte next, int bytes) {
    header = header << Byte.SIZE | Byte.toUnsignedInt(next);
    headerBytes++;
    return headerBytes == bytes;
  }

  private static int requireInRange(int length, int min, int max) throws IOException {
    if (length < min || length > max) {
      throw new IOException("The server declared an invalid length: " + length);
    }
    return length;
  }
}
