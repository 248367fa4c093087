package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.operator.feature.NewPasswords.Purpose;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.tls.certificate.CertificateMaker;
import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import dev.postgresinstance.operator.feature.tls.session.TlsTask;
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
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The authority as it should be.
 *
 * <p>It is replaced on request, and in its last year, in three steps that each take the waiting
 * time: the next one is published beside the current one; then it signs, and the former one stays
 * published; then the former one goes. An authority that is lost is replaced at once.
 */
final class AuthorityPlan {

  /** The last year of the authority is for those who replace copies of it by hand. */
  private static final Duration BEFORE_END = Duration.ofDays(365);

  /** A certificate never outlives its authority, and should not become shorter. */
  private static final Duration CHANGE_BEFORE_END = Duration.ofDays(90);

  /** A Secret must not grow without bounds, however often somebody deletes it. */
  private static final int MAX_FORMER = 3;

  private final ReconcileInput input;
  private final Snapshot snapshot;
  private final Instant now;
  private final AuthorityRotation rotation;

  AuthorityPlan(ReconcileInput input) {
    this.input = input;
    this.snapshot = input.snapshot();
    this.now = input.now();
    this.rotation = AuthorityRotation.of(snapshot.instance());
  }

  /** The Secret with the authority. */
  Secret secret() {
    CertificateAuthority authority = authority();
    List<X509Certificate> trusted =
        Stream.concat(Stream.of(authority.current()), authority.next().stream())
            .map(KeyedCertificate::certificate)
            .toList();
    List<X509Certificate> bundle =
        Stream.concat(trusted.stream(), former(authority))
            .distinct()
            .limit(trusted.size() + MAX_FORMER)
            .toList();
    return authority
        .current()
        .secret(
            Labels.retained(snapshot, Names.caSecret(snapshot.instance()), "certificate-authority")
                .addToAnnotations(
                    DataRecord.annotations(
                        snapshot, DataRecord.after(input.atStart(), input.login())))
                .addToAnnotations(authority.annotations()),
            authority.data(bundle));
  }

  private CertificateAuthority authority() {
    return CertificateAuthority.of(snapshot, now)
        .map(this::next)
        .orElseGet(
            () ->
                new CertificateAuthority(
                    created(),
                    Optional.empty(),
                    Optional.empty(),
                    published().findFirst().map(lost -> now),
                    rotation.hash()));
  }

  private CertificateAuthority next(CertificateAuthority stored) {
    Instant end = stored.current().certificate().getNotAfter().toInstant();
    if (stored.next().isPresent()) {
      Instant publishedAt = stored.publishedAt().orElse(now);
      boolean isTime =
          !now.isBefore(publishedAt.plus(rotation.waitingTime()))
              || now.isAfter(end.minus(CHANGE_BEFORE_END));
      return isTime && isPublished(stored.next().get())
          ? new CertificateAuthority(
              stored.next().get(),
              Optional.empty(),
              Optional.empty(),
              Optional.of(now),
              stored.request())
          : new CertificateAuthority(
              stored.current(),
              stored.next(),
              Optional.of(publishedAt),
              stored.changedAt(),
              stored.request());
    }
    boolean isRequested = rotation.hash().isPresent() && !rotation.hash().equals(stored.request());
    return isRequested || now.isAfter(end.minus(BEFORE_END))
        ? new CertificateAuthority(
            stored.current(),
            Optional.of(created()),
            Optional.of(now),
            stored.changedAt(),
            rotation.hash().or(stored::request))
        : stored;
  }

  private KeyedCertificate created() {
    return CertificateMaker.authority(
        CertificateAuthority.name(snapshot),
        input.passwords().keys(Purpose.CERTIFICATE_AUTHORITY),
        now);
  }

  /** Whether applications can read it; a Secret that cannot be written keeps the former text. */
  private boolean isPublished(KeyedCertificate authority) {
    Optional<String> published =
        SecretData.text(snapshot.get(ObjectKey.APP_SECRET), CertificateAuthority.TRUSTED);
    return published.isEmpty()
        || Pem.certificates(published.get()).contains(authority.certificate());
  }

  /** Those that clients trust now: the other Secrets have them if the one here is lost. */
  private Stream<X509Certificate> former(CertificateAuthority authority) {
    boolean hasWaited =
        authority.changedAt().filter(at -> now.isBefore(at.plus(rotation.waitingTime()))).isEmpty();
    boolean isForgotten =
        authority.changedAt().isEmpty() || (hasWaited && !isInUse(authority.current()));
    return isForgotten ? Stream.empty() : published();
  }

  /** Whether the server may still present a certificate of a former authority. */
  private boolean isInUse(KeyedCertificate authority) {
    return ServerCertificate.of(snapshot)
        .filter(stored -> !ServerCertificate.isProvided(snapshot, stored))
        .filter(
            stored ->
                !stored.isSignedBy(authority)
                    || input
                        .findings()
                        .get(TlsTask.TLS)
                        .filter(found -> !found.isPresented(stored.fingerprint()))
                        .isPresent())
        .isPresent();
  }

  private Stream<X509Certificate> published() {
    return Stream.of(ObjectKey.CA_SECRET, ObjectKey.APP_SECRET, ObjectKey.TLS_SECRET)
        .flatMap(key -> SecretData.text(snapshot.get(key), CertificateAuthority.TRUSTED).stream())
        .flatMap(pem -> Pem.certificates(pem).stream())
        .filter(certificate -> CertificateAuthority.isOfThisInstance(snapshot, certificate))
        .filter(certificate -> CertificateAuthority.isValid(certificate, now));
  }
}
