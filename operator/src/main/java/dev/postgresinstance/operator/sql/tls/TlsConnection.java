package dev.postgresinstance.operator.sql.tls;

import io.netty.util.ReferenceCountUtil;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * The client's side of TLS over two streams. One thread reads and writes; any thread may close it.
 */
public final class TlsConnection implements AutoCloseable {

  private static final String TOO_LONG = "A TLS record is longer than allowed";
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SSLEngine engine;
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final InputStream in;
  private final OutputStream out;
  private final ByteBuffer toSend;

  /** What was received and is still encrypted: ready to be read, as {@code decrypted} is. */
  private final ByteBuffer received;

  private final ByteBuffer decrypted;

  /**
   * Creates a connection that has sent nothing yet.
   *
   * @param engine which this connection releases
   * @param in what the server sends
   * @param out what is sent to the server
   */
  TlsConnection(SSLEngine engine, InputStream in, OutputStream out) {
    this.engine = engine;
    this.in = in;
    this.out = out;
    int packet = engine.getSession().getPacketBufferSize();
    this.toSend = ByteBuffer.allocate(packet);
    this.received = ByteBuffer.allocate(packet).flip();
    this.decrypted = ByteBuffer.allocate(packet).flip();
  }

  /** Agrees on keys. */
  void handshake() throws IOException {
    engine.beginHandshake();
    while (advance()) {
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP && !decrypt()) {
        throw new EOFException("The server closed the connection during the TLS handshake");
      }
    }
  }

  /** Does what the engine asks for and needs no answer; false if no handshake is in progress. */
  private boolean advance() throws IOException {
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NEED_WRAP -> encrypt(NOTHING);
        case NEED_TASK -> engine.getDelegatedTask().run();
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          return true;
        }
        case FINISHED, NOT_HANDSHAKING -> {
          return false;
        }
      }
    }
  }

  private void encrypt(ByteBuffer data) throws IOException {
    toSend.clear();
    Status status = engine.wrap(data, toSend).getStatus();
    out.write(toSend.array(), 0, toSend.position());
    if (status != Status.OK) {
      throw new SSLException("The TLS connection has ended");
    }
  }

  /** Decrypts a record or receives a part of one; false at the end of the connection. */
  private boolean decrypt() throws IOException {
    decrypted.clear();
    Status status;
    try {
      status = engine.unwrap(received, decrypted).getStatus();
    } finally {
      decrypted.flip();
    }
    advance();
    return switch (status) {
      case OK -> true;
      case BUFFER_UNDERFLOW -> receive();
      case CLOSED -> false;
      case BUFFER_OVERFLOW -> throw new SSLException(TOO_LONG);
    };
  }

  private boolean receive() throws IOException {
    received.compact();
    try {
      if (!received.hasRemaining()) {
        throw new SSLException(TOO_LONG); // a read of no bytes would succeed, again and again
      }
      int read = in.read(received.array(), received.position(), received.remaining());
      received.position(received.position() + Math.max(read, 0));
      return read >= 0;
    } finally {
      received.flip();
    }
  }

  /**
   * The certificate that the server has presented, and those of the authorities between, if any.
   *
   * @return encoded as DER; nobody has parsed them
   */
  List<byte[]> certificates() throws IOException {
    List<byte[]> encoded = new ArrayList<>();
    try {
      for (Certificate certificate : engine.getSession().getPeerCertificates()) {
        encoded.add(certificate.getEncoded());
      }
    } catch (CertificateEncodingException e) {
      throw new IOException(e);
    }
    return encoded;
  }

  /** What the server sends, decrypted. */
  public InputStream input() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] next = new byte[1];
        return read(next, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(next[0]);
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        while (!decrypted.hasRemaining()) {
          if (!decrypt()) {
            return -1;
          }
        }
        int read = Math.min(length, decrypted.remaining());
        decrypted.get(buffer, offset, read);
        return read;
      }
    };
  }

  /** Encrypts what is sent to the server. */
  public OutputStream output() {
    return new OutputStream() {
      @Override
      public void write(int next) throws IOException {
        write(new byte[] {(byte) next}, 0, 1);
      }

      @Override
      public void write(byte[] buffer, int offset, int length) throws IOException {
        ByteBuffer data = ByteBuffer.wrap(buffer, offset, length);
        while (data.hasRemaining()) {
          encrypt(data);
        }
      }

      @Override
      public void flush() throws IOException {
        out.flush();
      }
    };
  }

  /** Releases the memory outside the heap. Reading and writing fail from then on. */
  @Override
  public void close() {
    if (!isClosed.getAndSet(true)) {
      ReferenceCountUtil.release(engine);
    }
  }
}
