package dev.postgresinstance.operator.feature.tls.session;

import dev.postgresinstance.operator.sql.tls.ServerIdentity;
import java.time.Instant;
import java.util.Optional;

/**
 * What the server presented when the operator connected to it.
 *
 * @param identity the certificate; empty if the server offers no TLS
 * @param expected fingerprint of the certificate that it should present
 * @param isForcedOff whether the start script has started the server without TLS, because
 *     PostgreSQL rejected the certificate
 * @param reloadedAt when the operator last had the server load the certificate because it presented
 *     another one; empty if it has not since the server presented the right one
 */
public record TlsFindings(
    Optional<ServerIdentity> identity,
    String expected,
    boolean isForcedOff,
    Optional<Instant> reloadedAt) {

  /** Whether the server presents the certificate that it should present. */
  public boolean isServing() {
    return isPresented(expected);
  }

  /** Whether the server presents the certificate with this fingerprint. */
  public boolean isPresented(String fingerprint) {
    return identity.map(ServerIdentity::fingerprint).equals(Optional.of(fingerprint));
  }

  /** Why clients that verify in full cannot connect; empty if they can. */
  public Optional<String> fault() {
    return identity.isEmpty()
        ? Optional.of("The server offers no TLS.")
        : identity
            .flatMap(ServerIdentity::fault)
            .map("The certificate that the server presents %s."::formatted);
  }
}
