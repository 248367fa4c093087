package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Secret;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The authority of one instance: it signs the certificates of its server and nothing else. A new
 * one is published some time before it signs, so that clients trust both.
 *
 * @param current signs the certificate of the server
 * @param next will sign it; empty while no rotation is in progress
 * @param publishedAt since when clients can know the next one; empty without one
 * @param changedAt when the current one replaced another; empty if it never has
 * @param request hash of the last request for a rotation; empty if there was none
 */
record CertificateAuthority(
    KeyedCertificate current,
    Optional<KeyedCertificate> next,
    Optional<Instant> publishedAt,
    Optional<Instant> changedAt,
    Optional<String> request) {

  /** Key of the trusted certificates in all Secrets. */
  static final String TRUSTED = "ca.crt";

  private static final String NEXT_CERTIFICATE = "next-tls.crt";
  private static final String NEXT_KEY = "next-tls.key";

  private static final String PUBLISHED = PostgresInstance.GROUP + "/next-authority-published";
  private static final String CHANGED = PostgresInstance.GROUP + "/authority-changed";
  private static final String REQUEST = PostgresInstance.GROUP + "/rotated-ca";

  /** The stored authority; empty while there is none that can sign. */
  static Optional<CertificateAuthority> of(Snapshot snapshot, Instant now) {
    Optional<Secret> secret = snapshot.get(ObjectKey.CA_SECRET);
    Optional<KeyedCertificate> next =
        KeyedCertificate.in(secret, NEXT_CERTIFICATE, NEXT_KEY)
            .filter(stored -> isOfThisInstance(snapshot, stored.certificate()) && stored.isPair());
    return KeyedCertificate.in(secret)
        .filter(stored -> isValid(stored.certificate(), now))
        .map(
            current ->
                new CertificateAuthority(
                    current,
                    next,
                    next.flatMap(n -> time(secret, PUBLISHED, now)),
                    time(secret, CHANGED, now),
                    Annotations.get(secret, REQUEST)));
  }

  /** What clients should trust according to its Secret, as PEM; empty while there is none. */
  static Optional<String> trusted(Snapshot snapshot) {
    return SecretData.text(snapshot.get(ObjectKey.CA_SECRET), TRUSTED);
  }

  /** The keys of its Secret. */
  Map<String, String> data(List<X509Certificate> trusted) {
    Map<String, String> data = new HashMap<>();
    data.put(TRUSTED, Pem.of(trusted));
    next.ifPresent(
        authority -> {
          data.put(NEXT_CERTIFICATE, Pem.of(authority.chain()));
          data.put(NEXT_KEY, Pem.of(authority.key()));
        });
    return data;
  }

  /** The annotations of its Secret. */
  Map<String, String> annotations() {
    Map<String, String> annotations = new TreeMap<>();
    publishedAt.ifPresent(at -> annotations.put(PUBLISHED, text(at)));
    changedAt.ifPresent(at -> annotations.put(CHANGED, text(at)));
    request.ifPresent(hash -> annotations.put(REQUEST, hash));
    return annotations;
  }

  private static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** The common name of the authorities of an instance. */
  static String name(Snapshot snapshot) {
    return "%s/%s"
        .formatted(
            snapshot.instance().getMetadata().getNamespace(), Names.caSecret(snapshot.instance()));
  }

  /** Whether it is an authority of this instance: whoever may write a Secret may add others. */
  static boolean isOfThisInstance(Snapshot snapshot, X509Certificate certificate) {
    return certificate.getBasicConstraints() >= 0
        && certificate.getSubjectX500Principal().getName().equals("CN=" + name(snapshot));
  }

  /** Whether it is within its time. */
  static boolean isValid(X509Certificate certificate, Instant now) {
    return certificate.getNotAfter().toInstant().isAfter(now)
        && !certificate.getNotBefore().toInstant().isAfter(now);
  }

  /**
   * A time of the past. What a wrong clock, or somebody, has written counts as now: then nothing
   * waits longer than it should, and no authority that clients trust is dropped too early.
   */
  private static Optional<Instant> time(Optional<Secret> secret, String name, Instant now) {
    try {
      return Annotations.get(secret, name)
          .map(Instant::parse)
          .map(at -> at.isAfter(now) ? now : at);
    } catch (DateTimeParseException e) {
      return Optional.of(now);
    }
  }
}
