package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.sql.tls.ConnectionContext;
import dev.postgresinstance.operator.sql.tls.Deadline;
import dev.postgresinstance.operator.sql.tls.TlsConnection;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import javax.net.SocketFactory;

/**
 * Creates sockets that limit the total time and the total number of bytes read. The timeouts of the
 * driver apply to each single read, or leave the connection to a separate thread: a hostile server
 * could occupy many connections by sending a byte now and then, or fill the memory with notices.
 */
public final class BoundedSocketFactory extends SocketFactory {

  /** Twice the maximum size of a parameter file, the largest response of a regular server. */
  static final int MAX_BYTES = 2 * 1024 * 1024;

  /** Limit until the login has completed, which takes PostgreSQL less than a kilobyte. */
  private static final int MAX_LOGIN_BYTES = 64 * 1024;

  private static final Duration MAX_LOGIN_TIME = Duration.ofSeconds(6);

  /** Size of the buffer for bytes that are skipped. */
  private static final int MAX_SKIP = 8 * 1024;

  /** Bytes of TLS for each byte that it carries, handshake included, at most. */
  private static final int MAX_OVERHEAD = 4;

  private final Duration maxTime;

  /**
   * Creates a factory; called by the driver.
   *
   * @param maxTime limit for reading from a socket, from its first read on, in the format of {@link
   *     Duration#parse}
   */
  public BoundedSocketFactory(String maxTime) {
    this.maxTime = Duration.parse(maxTime);
  }

  @Override
  public Socket createSocket() {
    return new BoundedSocket(maxTime);
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new UnsupportedOperationException("The driver connects the socket itself");
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
    throw new UnsupportedOperationException("The driver connects the socket itself");
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException("The driver connects the socket itself");
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
    throw new UnsupportedOperationException("The driver connects the socket itself");
  }

  /**
   * A socket that is encrypted, where the context of the thread asks for TLS, once it is connected.
   */
  private static final class BoundedSocket extends Socket {

    private final Bounds bounds;
    private volatile List<Future<?>> deadlines = List.of();
    private volatile TlsConnection encrypted;
    private boolean isInHandshake;

    private BoundedSocket(Duration maxTime) {
      this.bounds = new Bounds(maxTime);
    }

    @Override
    public void connect(SocketAddress address, int timeout) throws IOException {
      deadlines =
          List.of(
              Deadline.close(this, MAX_LOGIN_TIME, () -> !bounds.messages.isReady()),
              Deadline.close(this, bounds.maxTime, () -> true));
      super.connect(address, timeout);
      setSoTimeout(timeout);
      isInHandshake = true;
      encrypted = ConnectionContext.encrypt(this).orElse(null);
      isInHandshake = false;
      if (isClosed()) {
        close(); // the deadline did not know the encrypted connection yet
      }
    }

    /** The bounds apply to what TLS carries, too: its own records prove nothing about that. */
    @Override
    public InputStream getInputStream() throws IOException {
      return isInHandshake
          ? new RecordInput(super.getInputStream(), bounds)
          : new MessageInput(
              encrypted == null ? super.getInputStream() : encrypted.input(), bounds);
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return encrypted == null ? super.getOutputStream() : encrypted.output();
    }

    @Override
    public void close() throws IOException {
      deadlines.forEach(deadline -> deadline.cancel(false));
      super.close();
      if (encrypted != null) {
        encrypted.close();
      }
    }
  }

  /** What one connection may cost. */
  private static final class Bounds {

    private final Duration maxTime;
    private final long start = System.nanoTime();
    private final MessageLengths messages = new MessageLengths(MAX_BYTES);

    private Bounds(Duration maxTime) {
      this.maxTime = maxTime;
    }

    private void check(long bytes, int overhead) throws IOException {
      if (bytes > (messages.isReady() ? MAX_BYTES : MAX_LOGIN_BYTES) * (long) overhead) {
        throw new IOException("The server sent more bytes than allowed");
      }
      Duration limit = messages.isReady() ? maxTime : MAX_LOGIN_TIME;
      if (System.nanoTime() - start > limit.toNanos()) {
        throw new IOException("The server took too long to respond");
      }
    }
  }

  /** The records of TLS: without bounds, a server could send empty ones without end. */
  private static final class RecordInput extends FilterInputStream {

    private final Bounds bounds;
    private long bytes;

    private RecordInput(InputStream in, Bounds bounds) {
      super(in);
      this.bounds = bounds;
    }

    @Override
    public int read() throws IOException {
      int next = super.read();
      bytes++;
      bounds.check(bytes, MAX_OVERHEAD);
      return next;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, length);
      bytes += read;
      bounds.check(bytes, MAX_OVERHEAD);
      return read;
    }
  }

  /** The messages of PostgreSQL. */
  private static final class MessageInput extends FilterInputStream {

    private final Bounds bounds;
    private long bytes;

    private MessageInput(InputStream in, Bounds bounds) {
      super(in);
      this.bounds = bounds;
    }

    @Override
    public int read() throws IOException {
      byte[] next = new byte[1];
      return read(next, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(next[0]);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read;
      try {
        read = super.read(buffer, offset, length);
      } catch (IOException e) {
        bounds.check(bytes, 1); // the deadline has closed the socket
        throw e;
      }
      bounds.messages.accept(buffer, offset, read);
      bytes += read;
      bounds.check(bytes, 1);
      return read;
    }

    /**
     * Reads the bytes and drops them, so that the limits apply: the driver skips messages that it
     * did not expect.
     *
     * @throws EOFException at the end of the connection; the driver would repeat a skip of no bytes
     *     forever
     */
    @Override
    public long skip(long length) throws IOException {
      byte[] skipped = new byte[Math.clamp(length, 0, MAX_SKIP)];
      int read = read(skipped, 0, skipped.length);
      if (read < 0) {
        throw new EOFException("The server closed the connection within a message");
      }
      return read;
    }
  }
}
