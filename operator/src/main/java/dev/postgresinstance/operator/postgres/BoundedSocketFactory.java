package dev.postgresinstance.operator.postgres;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.SocketFactory;

/**
 * Sockets of which only so much is read, and only for so long. The time-outs of the driver are for
 * each single read: a server that is not ours could keep a connection, and the thread that waits
 * for it, with a word now and then, or fill the memory with notices.
 */
public final class BoundedSocketFactory extends SocketFactory {

  /** Many times what a server of ours sends in answer to all that is asked. */
  static final int MOST_BYTES = 4 * 1024 * 1024;

  private final Duration longest;

  /**
   * A factory; the driver makes it.
   *
   * @param longest for how long a socket is read, in the form of {@link Duration#parse}
   */
  public BoundedSocketFactory(String longest) {
    this.longest = Duration.parse(longest);
  }

  @Override
  public Socket createSocket() {
    return new BoundedSocket(longest);
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new UnsupportedOperationException("the driver connects a socket itself");
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
    throw new UnsupportedOperationException("the driver connects a socket itself");
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException("the driver connects a socket itself");
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
    throw new UnsupportedOperationException("the driver connects a socket itself");
  }

  private static final class BoundedSocket extends Socket {

    private final long end;

    private BoundedSocket(Duration longest) {
      this.end = System.nanoTime() + longest.toNanos();
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new BoundedInput(super.getInputStream(), end);
    }
  }

  private static final class BoundedInput extends FilterInputStream {

    private final long end;
    private long bytes;

    private BoundedInput(InputStream in, long end) {
      super(in);
      this.end = end;
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      count(1);
      return read;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, length);
      count(read);
      return read;
    }

    private void count(int read) throws IOException {
      bytes += read;
      if (bytes > MOST_BYTES) {
        throw new IOException("the server sends more than it was asked for");
      }
      if (System.nanoTime() - end > 0) {
        throw new IOException("the server takes too long to say what it was asked for");
      }
    }
  }
}
