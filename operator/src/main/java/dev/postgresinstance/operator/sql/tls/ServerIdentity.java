package dev.postgresinstance.operator.sql.tls;

import java.util.Optional;

/**
 * The certificate that a server has presented in a TLS handshake.
 *
 * @param fingerprint SHA-256 fingerprint of the certificate, in hexadecimal digits
 * @param fault why clients that verify in full reject the certificate, as a part of a sentence;
 *     empty if they accept it
 * @param trusted whether a trusted authority has issued it to this server, even if it has a fault
 */
public record ServerIdentity(String fingerprint, Optional<String> fault, boolean trusted) {

  /** The certificate that a trusted authority has issued to the server. */
  public static ServerIdentity trusted(String fingerprint, Optional<String> fault) {
    return new ServerIdentity(fingerprint, fault, true);
  }
}
