package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.operator.feature.NewPasswords.Purpose;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Secret;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The authority of one instance: it signs the certificates of its server and nothing else. Its
 * Secret, and the published one, hold the certificates that clients trust, former authorities
 * included until they expire: a server may still present a certificate of one of them.
 */
final class CertificateAuthority {

  /** Key of the trusted certificates in all Secrets. */
  static final String TRUSTED = "ca.crt";

  /** A Secret must not grow without bounds, however often somebody deletes it. */
  private static final int MAX_FORMER = 3;

  private CertificateAuthority() {}

  /** The stored authority; empty while there is none. */
  static Optional<KeyedCertificate> of(Snapshot snapshot) {
    return KeyedCertificate.in(snapshot.get(ObjectKey.CA_SECRET));
  }

  /** What clients should trust, as PEM; empty while there is no authority. */
  static Optional<String> trusted(Snapshot snapshot) {
    return SecretData.text(snapshot.get(ObjectKey.CA_SECRET), TRUSTED);
  }

  /** The Secret as it should be: with the stored authority, or with a new one. */
  static Secret desired(ReconcileInput input) {
    Snapshot snapshot = input.snapshot();
    String name = Names.caSecret(snapshot.instance());
    KeyedCertificate authority =
        of(snapshot)
            .filter(stored -> isValid(stored.certificate(), input.now()))
            .orElseGet(
                () ->
                    CertificateMaker.authority(
                        name(snapshot),
                        input.passwords().keys(Purpose.CERTIFICATE_AUTHORITY),
                        input.now()));
    List<X509Certificate> trusted =
        Stream.concat(Stream.of(authority.certificate()), former(snapshot, input.now()))
            .distinct()
            .limit(1 + MAX_FORMER)
            .toList();
    return authority.secret(
        Labels.retained(snapshot, name, "certificate-authority")
            .addToAnnotations(
                DataRecord.annotations(snapshot, DataRecord.after(input.atStart(), input.login()))),
        Map.of(TRUSTED, Pem.of(trusted)));
  }

  /** Those that clients trust now: the other Secrets have them if the one here is lost. */
  private static Stream<X509Certificate> former(Snapshot snapshot, Instant now) {
    return Stream.of(ObjectKey.CA_SECRET, ObjectKey.APP_SECRET, ObjectKey.TLS_SECRET)
        .flatMap(key -> SecretData.text(snapshot.get(key), TRUSTED).stream())
        .flatMap(pem -> Pem.certificates(pem).stream())
        .filter(certificate -> isOfThisInstance(snapshot, certificate))
        .filter(certificate -> isValid(certificate, now));
  }

  /** Whoever may write a Secret may have added another certificate. */
  private static boolean isOfThisInstance(Snapshot snapshot, X509Certificate certificate) {
    return certificate.getBasicConstraints() >= 0
        && certificate.getSubjectX500Principal().getName().equals("CN=" + name(snapshot));
  }

  private static String name(Snapshot snapshot) {
    return "%s/%s"
        .formatted(
            snapshot.instance().getMetadata().getNamespace(), Names.caSecret(snapshot.instance()));
  }

  private static boolean isValid(X509Certificate certificate, Instant now) {
    return certificate.getNotAfter().toInstant().isAfter(now);
  }
}
