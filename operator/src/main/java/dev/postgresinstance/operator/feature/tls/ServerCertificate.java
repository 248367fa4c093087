package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.operator.feature.NewPasswords.Purpose;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Secret;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The certificate of the server: renewed when a third of its time is left, or a name is missing.
 */
final class ServerCertificate {

  private static final int PARTS_BEFORE_RENEWAL = 3;

  private ServerCertificate() {}

  /** The stored certificate; empty while there is none. */
  static Optional<KeyedCertificate> of(Snapshot snapshot) {
    return KeyedCertificate.in(snapshot.get(ObjectKey.TLS_SECRET));
  }

  /** The Secret as it should be; empty while there is no authority. */
  static Optional<Secret> desired(ReconcileInput input) {
    Snapshot snapshot = input.snapshot();
    Set<String> names = CertificateNames.wanted(snapshot);
    return CertificateAuthority.of(snapshot)
        .map(
            authority ->
                of(snapshot)
                    .filter(stored -> stored.isSignedBy(authority))
                    .filter(stored -> isCurrent(stored.certificate(), input.now()))
                    .filter(stored -> fits(stored.certificate(), names))
                    .orElseGet(
                        () ->
                            CertificateMaker.server(
                                Names.serviceHost(snapshot.instance()),
                                List.copyOf(names),
                                authority,
                                input.passwords().keys(Purpose.CERTIFICATE),
                                input.now())))
        .map(
            certificate ->
                certificate.secret(
                    Labels.owned(snapshot, Names.tlsSecret(snapshot.instance()), "certificate"),
                    CertificateAuthority.trusted(snapshot)
                        .map(trusted -> Map.of(CertificateAuthority.TRUSTED, trusted))
                        .orElse(Map.of())));
  }

  private static boolean isCurrent(X509Certificate certificate, Instant now) {
    Instant end = certificate.getNotAfter().toInstant();
    Duration lifetime = Duration.between(certificate.getNotBefore().toInstant(), end);
    return now.isBefore(end.minus(lifetime.dividedBy(PARTS_BEFORE_RENEWAL)));
  }

  /**
   * Whether it has all names and no other one. Other addresses stay until it is renewed: nodes come
   * and go, and each new certificate is a write for every instance.
   */
  private static boolean fits(X509Certificate certificate, Set<String> names) {
    Set<String> present = CertificateNames.in(certificate);
    return present.containsAll(names)
        && present.stream()
            .filter(Predicate.not(CertificateNames::isAddress))
            .allMatch(names::contains);
  }
}
