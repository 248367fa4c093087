package dev.postgresinstance.operator.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A server that knows the verifiers of the roles, like an image chosen by a tenant, and repeats one
 * message forever after the login. For the protocol see the documentation of PostgreSQL, "Message
 * Formats".
 */
final class HostileServer implements AutoCloseable {

  private final ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final AtomicLong sent = new AtomicLong();
  private final String password;
  private final byte[] message;
  private final Duration pause;
  private final boolean acceptsLogin;

  HostileServer(String password, byte[] message, Duration pause) throws IOException {
    this(password, message, pause, true);
  }

  /**
   * Starts the server.
   *
   * @param acceptsLogin whether the login completes before the first of these messages
   */
  HostileServer(String password, byte[] message, Duration pause, boolean acceptsLogin)
      throws IOException {
    this.password = password;
    this.message = message;
    this.pause = pause;
    this.acceptsLogin = acceptsLogin;
    Thread.ofVirtual().start(this::serve);
  }

  /** Encodes a message. */
  static byte[] message(char type, String content) {
    byte[] bytes = content.getBytes(UTF_8);
    return ByteBuffer.allocate(5 + bytes.length)
        .put((byte) type)
        .putInt(4 + bytes.length)
        .put(bytes)
        .array();
  }

  String host() {
    return socket.getInetAddress().getHostAddress();
  }

  int port() {
    return socket.getLocalPort();
  }

  /** The number of bytes sent after logins. */
  long sent() {
    return sent.get();
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket client = socket.accept()) {
        DataInputStream in = new DataInputStream(client.getInputStream());
        in.readNBytes(in.readInt() - Integer.BYTES);
        ScramLogin.accept(in, client.getOutputStream(), password);
        if (acceptsLogin) {
          client.getOutputStream().write(message('Z', "I"));
        }
        while (true) {
          client.getOutputStream().write(message);
          sent.addAndGet(message.length);
          LockSupport.parkNanos(pause.toNanos());
        }
      } catch (IOException e) {
        sent.addAndGet(0); // the client closed the connection
      }
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
