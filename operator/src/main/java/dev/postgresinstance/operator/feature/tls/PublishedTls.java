package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.operator.instance.Snapshot;
import java.util.Optional;

/** What the Secrets with credentials say about TLS. */
public final class PublishedTls {

  private PublishedTls() {}

  /**
   * The certificates of the authorities that clients trust, as PEM; empty while the server offers
   * no TLS.
   */
  public static Optional<String> trusted(Snapshot snapshot) {
    return TlsServerPart.isOffered(snapshot)
        ? CertificateAuthority.trusted(snapshot)
        : Optional.empty();
  }
}
