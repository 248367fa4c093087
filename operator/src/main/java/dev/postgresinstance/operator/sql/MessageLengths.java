package dev.postgresinstance.operator.sql;

import java.io.IOException;

/**
 * Follows what a server sends from message to message, since the driver makes room for whatever
 * length it is told: a type, a length that counts itself, the content. That of a row is the number
 * of its fields, and each has a length of its own (PostgreSQL's documentation, "Message Formats").
 */
final class MessageLengths {

  private static final int ROW = 'D';
  private static final int READY_FOR_QUERY = 'Z';
  private static final int TYPE_AND_LENGTH = 1 + Integer.BYTES;

  private final int most;
  private boolean ready;

  /** What has come of a type and length, or of the length of a field. */
  private long head;

  private int bytesOfHead;

  /** What is to come of the content, and before its next length. */
  private int content;

  private int beforeLength;

  /**
   * At the beginning of a connection.
   *
   * @param most length of a message
   */
  MessageLengths(int most) {
    this.most = most;
  }

  /** Whether the server has let the client in. */
  boolean isReady() {
    return ready;
  }

  /**
   * The next bytes.
   *
   * @throws IOException when a length in them cannot be one
   */
  void follow(byte[] bytes, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length; i++) {
      if (content == 0) {
        begin(bytes[i]);
      } else {
        goOn(bytes[i]);
      }
    }
  }

  private void begin(byte next) throws IOException {
    if (isWhole(next, TYPE_AND_LENGTH)) {
      int type = (byte) (head >> Integer.SIZE);
      content = bounded((int) head - Integer.BYTES, 0, most);
      beforeLength = type == ROW ? Short.BYTES : content;
      ready |= type == READY_FOR_QUERY;
      bytesOfHead = 0;
    }
  }

  private void goOn(byte next) throws IOException {
    content--;
    if (beforeLength > 0) {
      beforeLength--;
    } else if (isWhole(next, Integer.BYTES)) {
      beforeLength = Math.max(0, bounded((int) head, -1, content)); // -1 is NULL
      bytesOfHead = 0;
    } else {
      bounded(content, 1, most);
    }
  }

  private boolean isWhole(byte next, int bytes) {
    head = head << Byte.SIZE | Byte.toUnsignedInt(next);
    bytesOfHead++;
    return bytesOfHead == bytes;
  }

  private static int bounded(int length, int least, int most) throws IOException {
    if (length < least || length > most) {
      throw new IOException("the server says a length that cannot be: " + length);
    }
    return length;
  }
}
