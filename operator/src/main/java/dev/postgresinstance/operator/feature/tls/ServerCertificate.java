package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.operator.feature.NewPasswords.Purpose;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.tls.certificate.CertificateMaker;
import dev.postgresinstance.operator.feature.tls.certificate.HostNames;
import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SecretData;
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
 * The certificate of the server: a copy of the user's, or one that the operator issues, and renews
 * when a third of its time is left or a name is missing.
 */
final class ServerCertificate {

  private static final int PARTS_BEFORE_RENEWAL = 3;

  private ServerCertificate() {}

  /** The stored certificate; empty while there is none. */
  static Optional<KeyedCertificate> of(Snapshot snapshot) {
    return KeyedCertificate.in(snapshot.get(ObjectKey.TLS_SECRET));
  }

  /** Whether the stored certificate is a copy of one that the user has provided. */
  static boolean isProvided(Snapshot snapshot, KeyedCertificate stored) {
    return !stored
        .certificate()
        .getIssuerX500Principal()
        .getName()
        .equals("CN=" + CertificateAuthority.name(snapshot));
  }

  /** The Secret as it should be; empty while there is no authority. */
  static Optional<Secret> desired(ReconcileInput input) {
    Snapshot snapshot = input.snapshot();
    Optional<ProvidedCertificate> provided = ProvidedCertificate.of(snapshot, input.now());
    return provided
        .flatMap(ProvidedCertificate::certificate)
        .map(certificate -> secret(snapshot, certificate, trusted(snapshot, provided.get())))
        .or(() -> provided.flatMap(faulty -> formerCopy(snapshot)))
        .or(() -> issued(input));
  }

  /** Clients that trust the operator's authority, too, accept its certificate again at once. */
  private static Optional<String> trusted(Snapshot snapshot, ProvidedCertificate provided) {
    return provided
        .trusted()
        .map(authorities -> authorities + CertificateAuthority.trusted(snapshot).orElse(""));
  }

  /** What worked before goes on. */
  private static Optional<Secret> formerCopy(Snapshot snapshot) {
    return of(snapshot)
        .filter(stored -> isProvided(snapshot, stored))
        .map(
            stored ->
                secret(
                    snapshot,
                    stored,
                    SecretData.text(
                        snapshot.get(ObjectKey.TLS_SECRET), CertificateAuthority.TRUSTED)));
  }

  private static Optional<Secret> issued(ReconcileInput input) {
    Snapshot snapshot = input.snapshot();
    Set<String> names = CertificateNames.wanted(snapshot);
    return CertificateAuthority.of(snapshot, input.now())
        .map(CertificateAuthority::current)
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
        .map(certificate -> secret(snapshot, certificate, CertificateAuthority.trusted(snapshot)));
  }

  private static Secret secret(
      Snapshot snapshot, KeyedCertificate certificate, Optional<String> trusted) {
    return certificate.secret(
        Labels.owned(snapshot, Names.tlsSecret(snapshot.instance()), "certificate"),
        trusted
            .map(authorities -> Map.of(CertificateAuthority.TRUSTED, authorities))
            .orElse(Map.of()));
  }

  private static boolean isCurrent(X509Certificate certificate, Instant now) {
    Instant end = certificate.getNotAfter().toInstant();
    Duration lifetime = Duration.between(certificate.getNotBefore().toInstant(), end);
    return now.isBefore(end.minus(lifetime.dividedBy(PARTS_BEFORE_RENEWAL)))
        && !now.isBefore(certificate.getNotBefore().toInstant());
  }

  /**
   * Whether it has all names and no other one. Other addresses stay until it is renewed: nodes come
   * and go, and each new certificate is a write for every instance.
   */
  private static boolean fits(X509Certificate certificate, Set<String> names) {
    Set<String> present = HostNames.in(certificate);
    return present.containsAll(names)
        && present.stream().filter(Predicate.not(HostNames::isAddress)).allMatch(names::contains);
  }
}
