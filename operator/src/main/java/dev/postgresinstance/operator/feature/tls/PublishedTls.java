package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.tls.TlsTrust;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What clients, and the operator as a client, need to know for TLS. */
public final class PublishedTls {

  private PublishedTls() {}

  /** Whether the server offers TLS; without a server, whether the next one will. */
  public static boolean isOffered(Snapshot snapshot) {
    return TlsServerPart.isOffered(snapshot);
  }

  /**
   * The certificates of the authorities that clients trust, as PEM. Empty if they are not known,
   * because the user's Secret has no ca.crt.
   */
  public static Optional<String> trusted(Snapshot snapshot) {
    return isOffered(snapshot)
        ? SecretData.text(snapshot.get(ObjectKey.TLS_SECRET), CertificateAuthority.TRUSTED)
        : Optional.empty();
  }

  /**
   * With what the operator verifies the server; empty if that offers no TLS. Until a reload, the
   * server may present the former certificate.
   */
  public static Optional<TlsTrust> ofOperator(Snapshot snapshot) {
    if (!isOffered(snapshot)) {
      return Optional.empty();
    }
    Optional<String> own = CertificateAuthority.trusted(snapshot);
    Optional<String> published =
        trusted(snapshot)
            .or(
                () ->
                    SecretData.text(
                        snapshot.get(ObjectKey.TLS_SECRET), KeyedCertificate.CERTIFICATE));
    return Optional.of(
        new TlsTrust(
            Stream.of(own, published)
                .flatMap(Optional::stream)
                .distinct()
                .collect(Collectors.joining()),
            Names.serviceHost(snapshot.instance()),
            RequiredTls.isProven(snapshot)));
  }

  /**
   * The {@code sslmode} for a client that does not verify the server; empty where the client
   * decides whether it uses TLS. Published as soon as TLS is required, before the server refuses
   * other connections.
   */
  public static String mode(Snapshot snapshot) {
    return TlsServerPart.isRequired(snapshot) ? "require" : "";
  }
}
