package dev.postgresinstance.operator.sql.tls;

import java.io.IOException;
import java.net.Socket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import javax.net.ssl.SSLHandshakeException;

/**
 * What the socket of a connection has to know, and what it finds out. The driver creates its
 * sockets itself and passes them nothing but text, but it does so on the thread that asks for the
 * connection: meanwhile, the context belongs to that thread.
 */
public final class ConnectionContext {

  private static final ThreadLocal<ConnectionContext> CURRENT = new ThreadLocal<>();

  private final Optional<TlsTrust> trust;
  private TlsEngines engines;
  private Optional<ServerIdentity> identity = Optional.empty();

  /**
   * Creates the context of one connection.
   *
   * @param trust with which to ask for TLS; empty for a connection without TLS
   */
  public ConnectionContext(Optional<TlsTrust> trust) {
    this.trust = trust;
    this.engines = trust.map(TlsEngines::of).orElse(TlsEngines.NATIVE);
  }

  /** Connects. */
  public Connection connect(Properties properties) throws SQLException {
    CURRENT.set(this);
    try {
      return DriverManager.getConnection("jdbc:postgresql://", properties);
    } catch (SQLException e) {
      if (engines == TlsEngines.jdk() || !(e.getCause() instanceof SSLHandshakeException)) {
        throw e;
      }
      engines = TlsEngines.jdk();
      return DriverManager.getConnection("jdbc:postgresql://", properties);
    } finally {
      CURRENT.remove();
    }
  }

  /**
   * Encrypts the connection that this thread makes, and records who the server is.
   *
   * @param socket a connection on which nothing was sent
   * @return empty if the thread asks for no TLS, or the server offers none
   */
  public static Optional<TlsConnection> encrypt(Socket socket) throws IOException {
    ConnectionContext context = CURRENT.get();
    if (context == null || context.trust.isEmpty()) {
      return Optional.empty();
    }
    TlsHandshake handshake = new TlsHandshake(context.trust.get(), context.engines);
    Optional<TlsConnection> encrypted = handshake.run(socket);
    if (encrypted.isPresent()) {
      context.identity = Optional.of(handshake.identity(encrypted.get()));
      context.engines.fit(context.trust.get());
    }
    return encrypted;
  }

  /** Who the server is; empty without TLS. */
  public Optional<ServerIdentity> identity() {
    return identity;
  }
}
