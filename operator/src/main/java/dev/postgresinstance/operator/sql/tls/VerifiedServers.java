package dev.postgresinstance.operator.sql.tls;

import dev.postgresinstance.operator.common.BoundedMap;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Remembers which certificates were found to be valid, and until when: to verify one takes longer
 * than the rest of a login.
 */
final class VerifiedServers {

  /** One of each of four thousand instances. */
  private static final int MAX_SERVERS = 4_000;

  private static final Map<Presented, Validity> KNOWN =
      Collections.synchronizedMap(BoundedMap.leastRecentlyUsed(MAX_SERVERS));

  private VerifiedServers() {}

  /**
   * What was verified.
   *
   * @param authorities SHA-256 fingerprint of those that were trusted
   * @param host the name that the certificate contains
   * @param fingerprints SHA-256 fingerprints of the certificate and of those of the authorities
   *     between
   */
  record Presented(String authorities, String host, List<String> fingerprints) {}

  /** When all certificates of a path are valid. */
  private record Validity(Instant notBefore, Instant notAfter) {}

  /** Whether the certificate is known, and valid at that time. */
  static boolean contain(Presented presented, Instant time) {
    Validity known = KNOWN.get(presented);
    return known != null && !time.isBefore(known.notBefore) && !time.isAfter(known.notAfter);
  }

  /**
   * Records that the certificate is valid.
   *
   * @param path from the certificate to its authority
   */
  static void add(Presented presented, List<X509Certificate> path) {
    KNOWN.put(
        presented,
        new Validity(
            path.stream()
                .map(certificate -> certificate.getNotBefore().toInstant())
                .max(Instant::compareTo)
                .orElseThrow(),
            path.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow()));
  }
}
