package dev.postgresinstance.operator.sql;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.SocketFactory;

/**
 * Sockets of which only so much is read, and only for so long. The time-outs of the driver are for
 * each single read, or leave the connection to a thread of its own: a server that is not ours could
 * keep many, with a word now and then, or fill the memory with notices.
 */
public final class BoundedSocketFactory extends SocketFactory {

  /** Twice what a file of parameters may have, which is the most that a server of ours sends. */
  static final int MOST_BYTES = 2 * 1024 * 1024;

  /** The same until it has let the client in, for which PostgreSQL needs less than a kilobyte. */
  private static final int MOST_BYTES_OF_LOGIN = 64 * 1024;

  private static final Duration LONGEST_LOGIN = Duration.ofSeconds(6);

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

    private final Duration longest;

    private BoundedSocket(Duration longest) {
      this.longest = longest;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new BoundedInput(super.getInputStream(), longest);
    }
  }

  private static final class BoundedInput extends FilterInputStream {

    private final Duration longest;
    private final long start = System.nanoTime();
    private final MessageLengths messages = new MessageLengths(MOST_BYTES);
    private long bytes;

    private BoundedInput(InputStream in, Duration longest) {
      super(in);
      this.longest = longest;
    }

    @Override
    public int read() throws IOException {
      byte[] next = new byte[1];
      return read(next, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(next[0]);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, length);
      messages.follow(buffer, offset, read);
      bytes += read;
      if (bytes > (messages.isReady() ? MOST_BYTES : MOST_BYTES_OF_LOGIN)) {
        throw new IOException("the server sends more than it was asked for");
      }
      Duration end = messages.isReady() ? longest : LONGEST_LOGIN;
      if (System.nanoTime() - start > end.toNanos()) {
        throw new IOException("the server takes too long to say what it was asked for");
      }
      return read;
    }
  }
}
