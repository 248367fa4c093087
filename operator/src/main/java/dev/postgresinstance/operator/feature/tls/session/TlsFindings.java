package dev.postgresinstance.operator.feature.tls.session;

import dev.postgresinstance.operator.sql.tls.ServerIdentity;
import java.time.Duration;
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
 * @param differsSince when the operator first found that the server presents another certificate
 *     than this one; empty while it presents the right one, or should not load it
 */
public record TlsFindings(
    Optional<ServerIdentity> identity,
    String expected,
    boolean isForcedOff,
    Optional<Instant> reloadedAt,
    Optional<Instant> differsSince) {

  private static final int FIRST_INTERVAL = 5;
  private static final int LAST_INTERVAL = 60;

  /** Until this time, the intervals double; later, they all are the last one. */
  private static final int DOUBLING = 80;

  /** The same for a server that presents another certificate and should load this one. */
  TlsFindings differing(Instant since, Optional<Instant> reloaded) {
    return new TlsFindings(identity, expected, isForcedOff, reloaded, Optional.of(since));
  }

  /**
   * When the operator last had a reason to try to get the certificate loaded: at first, after 5,
   * 10, 20, 40 and 80 seconds, and then each minute. Usually the first attempts succeed; but a
   * kubelet may never read the Secret again.
   */
  public Instant lastAttempt(Instant now) {
    Instant since = differsSince.orElse(now);
    long seconds = Math.max(0, Duration.between(since, now).toSeconds());
    long attempt =
        seconds < DOUBLING
            ? FIRST_INTERVAL * Long.highestOneBit(seconds / FIRST_INTERVAL)
            : seconds - (seconds - DOUBLING) % LAST_INTERVAL;
    return since.plusSeconds(attempt);
  }

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
