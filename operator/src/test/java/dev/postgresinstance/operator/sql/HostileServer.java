package dev.postgresinstance.operator.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A server that knows the verifiers of the roles, like an image chosen by a tenant, and repeats one
 * message forever after the login. For the protocol see the documentation of PostgreSQL, "Message
 * Formats"; for the login see RFC 5802.
 */
final class HostileServer implements AutoCloseable {

  private static final int ITERATIONS = 4096;
  private static final byte[] SALT = "salt".getBytes(UTF_8);

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
        authenticate(in, client.getOutputStream());
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

  private void authenticate(DataInputStream in, OutputStream out) throws IOException {
    out.write(authentication(10, "SCRAM-SHA-256\0\0"));
    String first = answer(in);
    String clientFirst = first.substring(first.indexOf("n=")); // after the header "n,,"
    String serverFirst =
        "r=%sserver,s=%s,i=%d"
            .formatted(
                clientFirst.substring(clientFirst.indexOf("r=") + 2),
                Base64.getEncoder().encodeToString(SALT),
                ITERATIONS);
    out.write(authentication(11, serverFirst));
    String last = answer(in);
    String withoutProof = last.substring(0, last.indexOf(",p="));
    out.write(
        authentication(
            12, "v=" + signature(String.join(",", clientFirst, serverFirst, withoutProof))));
    out.write(authentication(0, ""));
    out.write(message('S', "server_version\0" + "17.6\0"));
  }

  private static byte[] authentication(int kind, String content) {
    String type = new String(new char[] {0, 0, 0, (char) kind});
    return message('R', type + content);
  }

  private static String answer(DataInputStream in) throws IOException {
    in.readByte();
    return new String(in.readNBytes(in.readInt() - Integer.BYTES), UTF_8);
  }

  private String signature(String authMessage) {
    try {
      byte[] salted =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(new PBEKeySpec(password.toCharArray(), SALT, ITERATIONS, 256))
              .getEncoded();
      byte[] serverKey = hmac(salted, "Server Key");
      return Base64.getEncoder().encodeToString(hmac(serverKey, authMessage));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(UTF_8));
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
