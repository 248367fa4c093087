package dev.postgresinstance.operator.sql.tls;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;

/**
 * What the socket of a connection has to know, and what it finds out. The driver creates its
 * sockets itself and passes them nothing but text, but it does so on the thread that asks for the
 * connection: meanwhile, the context belongs to that thread.
 */
public final class ConnectionContext {

  private static final ThreadLocal<ConnectionContext> CURRENT = new ThreadLocal<>();

  private final Optional<TlsTrust> trust;
  private Optional<ServerIdentity> identity = Optional.empty();

  /**
   * Creates the context of one connection.
   *
   * @param trust with which to ask for TLS; empty for a connection without TLS
   */
  public ConnectionContext(Optional<TlsTrust> trust) {
    this.trust = trust;
  }

  /** Connects. */
  public Connection connect(Properties properties) throws SQLException {
    CURRENT.set(this);
    try {
      return DriverManager.getConnection("jdbc:postgresql://", properties);
    } finally {
      CURRENT.remove();
    }
  }

  /** The context of the connection that this thread makes; empty if there is none. */
  public static Optional<ConnectionContext> current() {
    return Optional.ofNullable(CURRENT.get());
  }

  /** With which to ask for TLS; empty for a connection without TLS. */
  public Optional<TlsTrust> trust() {
    return trust;
  }

  /** Who the server is; empty without TLS. */
  public Optional<ServerIdentity> identity() {
    return identity;
  }

  /** Records who the server is. */
  public void identified(ServerIdentity found) {
    identity = Optional.of(found);
  }
}
