package dev.postgresinstance.operator.archive.program.restore.wal;

import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The content of an object. Each failure to read it is one of the store, so that it cannot be taken
 * for a failure of the volume or for a damaged object.
 */
public final class StoreStream extends FilterInputStream {

  /** The content of an object, as the store delivers it. */
  public StoreStream(InputStream content) {
    super(content);
  }

  @Override
  public int read() throws StoreException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws StoreException {
    try {
      return in.read(buffer, offset, length);
    } catch (StoreException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new StoreException(
          StoreException.Problem.UNREACHABLE, "The connection to the store was lost: " + e, e);
    }
  }
}
