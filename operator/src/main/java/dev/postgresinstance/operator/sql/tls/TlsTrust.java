package dev.postgresinstance.operator.sql.tls;

/**
 * Which certificate a server must present.
 *
 * @param authorities the trusted authorities, as PEM
 * @param host the name that the certificate must contain; the connection may go to an address
 * @param required whether the server is known to accept no connection without TLS: then whoever
 *     offers none is not this server, or cannot be used
 */
public record TlsTrust(String authorities, String host, boolean required) {

  /** The same for a server that may offer no TLS. */
  public TlsTrust optional() {
    return new TlsTrust(authorities, host, false);
  }
}
