package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.api.v1alpha1.AuthorityRotationStep;
import dev.postgresinstance.api.v1alpha1.AuthorityStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.TlsStatus;
import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.feature.tls.certificate.HostNames;
import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import dev.postgresinstance.operator.feature.tls.session.PlainSessions;
import dev.postgresinstance.operator.feature.tls.session.PlainSessionsTask;
import dev.postgresinstance.operator.feature.tls.session.TlsFindings;
import dev.postgresinstance.operator.feature.tls.session.TlsTask;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.StatusBuilder;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the status says about TLS. */
final class TlsReport {

  private static final int HEXADECIMAL = 16;

  /**
   * The bounds of the fields in the definition of the resource. The certificate of a user may
   * contain more, and the API server would reject the whole status.
   */
  private static final int MAX_NAMES = 256;

  private static final int MAX_NAME_LENGTH = 253;
  private static final int MAX_ISSUER_LENGTH = 1_024;
  private static final int MAX_SERIAL_NUMBER_LENGTH = 64;

  private final Observation observation;
  private final Snapshot snapshot;
  private final Optional<TlsFindings> findings;
  private final Optional<KeyedCertificate> stored;
  private final Optional<CertificateAuthority> authority;
  private final AuthorityRotation rotation;
  private final Optional<AuthorityRotationStep> step;

  TlsReport(Observation observation, Instant now) {
    this.observation = observation;
    this.snapshot = observation.snapshot();
    this.findings = observation.findings().get(TlsTask.TLS);
    this.stored = ServerCertificate.of(snapshot);
    this.authority = CertificateAuthority.of(snapshot, now);
    this.rotation = AuthorityRotation.of(snapshot.instance());
    this.step = step(authority, snapshot);
  }

  /** Adds status.tls and the condition CertificateReady. */
  void addTo(StatusBuilder status) {
    stored.ifPresent(certificate -> status.tls(tls(certificate, status)));
    Optional<Problem> problem =
        observation
            .worst(ConditionType.CERTIFICATE_READY)
            // While reconciliation is paused, nothing is assessed.
            .or(() -> findings.flatMap(f -> TlsProblems.notServed(snapshot.instance(), f)))
            .or(() -> status.down().filter(why -> why.reason() == Reason.CERTIFICATE_NOT_SERVED));
    if (problem.isPresent()) {
      status.failed(ConditionType.CERTIFICATE_READY, problem.get());
    } else if (snapshot.pod().isPresent() && !TlsServerPart.isOffered(snapshot)) {
      status.condition(
          ConditionType.CERTIFICATE_READY,
          false,
          Reason.RESTART_REQUIRED,
          "The server was started without a certificate. It offers TLS after its next restart."
              + waiting());
    } else if (findings.isPresent()) {
      status.condition(
          ConditionType.CERTIFICATE_READY,
          true,
          Reason.CERTIFICATE_SERVED,
          Stream.of(Optional.of(serving()), withoutAuthority(), nextStep(), invalidRequest())
              .flatMap(Optional::stream)
              .collect(Collectors.joining(" ")));
    } else {
      unproven(status);
    }
  }

  private String waiting() {
    return TlsServerPart.isRequested(snapshot)
        ? " Until then, it accepts connections without TLS although spec.tls.required is true."
        : "";
  }

  private static void unproven(StatusBuilder status) {
    status
        .previous()
        .condition(ConditionType.CERTIFICATE_READY)
        .filter(before -> status.down().isEmpty())
        .ifPresentOrElse(
            status::keep,
            () ->
                status.unknown(
                    ConditionType.CERTIFICATE_READY,
                    status.down().map(Problem::reason).orElse(Reason.STARTING),
                    "No login shows which certificate the server presents."));
  }

  private String serving() {
    return stored.filter(c -> findings.get().isPresented(c.fingerprint())).isPresent()
        ? "The server presents the certificate of Secret %s."
            .formatted(
                isProvided()
                    ? snapshot.instance().getSpec().tls().secretName()
                    : Names.tlsSecret(snapshot.instance()))
        : TlsProblems.loading(snapshot.instance());
  }

  private boolean isProvided() {
    return ObjectKey.USER_CERTIFICATE_SECRET.name(snapshot.instance()).isPresent()
        && stored.filter(c -> ServerCertificate.isProvided(snapshot, c)).isPresent();
  }

  private Optional<String> withoutAuthority() {
    return isProvided() && PublishedTls.trusted(snapshot).isEmpty()
        ? Optional.of(
            "That Secret has no ca.crt, so Secret %s has none: clients need to know the authority from elsewhere."
                .formatted(Names.appSecret(snapshot.instance())))
        : Optional.empty();
  }

  private Optional<String> nextStep() {
    return step.map(
        current ->
            switch (current) {
              case NEW_AUTHORITY_PUBLISHED ->
                  "ca.crt contains a new authority, which signs the certificate from %s on."
                      .formatted(nextStepAt().orElse("then"));
              case FORMER_AUTHORITY_TRUSTED ->
                  "A new authority has signed it; ca.crt contains the former one until %s."
                      .formatted(nextStepAt().orElse("then"));
            });
  }

  private Optional<String> invalidRequest() {
    return AuthorityRotation.isInvalid(snapshot.instance())
        ? Optional.of(
            "The annotation %s is ignored: it must be a text without comma, which a comma and a duration such as 12h (at most 366 days) may follow."
                .formatted(AuthorityRotation.ROTATE_CA))
        : Optional.empty();
  }

  private TlsStatus tls(KeyedCertificate certificate, StatusBuilder status) {
    Optional<PlainSessions> sessions = observation.findings().get(PlainSessionsTask.PLAIN_SESSIONS);
    String serialNumber =
        Text.truncate(
            certificate.certificate().getSerialNumber().toString(HEXADECIMAL),
            MAX_SERIAL_NUMBER_LENGTH);
    Optional<TlsStatus> before = status.previous().get(PostgresInstanceStatus::tls);
    // An operator that has just started knows nothing yet that contradicts it.
    Optional<TlsStatus> kept = before.filter(known -> status.down().isEmpty());
    return new TlsStatus(
        text(end(certificate.certificate())),
        Text.truncate(
            certificate.certificate().getIssuerX500Principal().getName(), MAX_ISSUER_LENGTH),
        names(certificate.certificate()),
        serialNumber,
        findings
            .map(found -> found.isPresented(certificate.fingerprint()))
            .or(
                () ->
                    kept.filter(known -> serialNumber.equals(known.serialNumber()))
                        .map(TlsStatus::serving))
            .orElse(null),
        // Kept while no login succeeds: the next server has the same rules.
        sessions
            .map(PlainSessions::isRefused)
            .or(() -> before.map(TlsStatus::required))
            .filter(refused -> TlsServerPart.isOffered(snapshot))
            .orElse(null),
        sessions
            .map(PlainSessions::status)
            .orElseGet(() -> kept.map(TlsStatus::unencrypted))
            .orElse(null),
        authority
            .map(
                a ->
                    new AuthorityStatus(
                        text(end(a.current().certificate())),
                        step.orElse(null),
                        nextStepAt().orElse(null)))
            .orElse(null));
  }

  private static List<String> names(X509Certificate certificate) {
    return HostNames.in(certificate).stream()
        .map(name -> Text.truncate(name, MAX_NAME_LENGTH))
        .distinct()
        .limit(MAX_NAMES)
        .toList();
  }

  private static Optional<AuthorityRotationStep> step(
      Optional<CertificateAuthority> authority, Snapshot snapshot) {
    if (authority.flatMap(CertificateAuthority::next).isPresent()) {
      return Optional.of(AuthorityRotationStep.NEW_AUTHORITY_PUBLISHED);
    }
    return CertificateAuthority.trusted(snapshot)
        .filter(trusted -> Pem.certificates(trusted).size() > 1)
        .map(trusted -> AuthorityRotationStep.FORMER_AUTHORITY_TRUSTED);
  }

  private Optional<String> nextStepAt() {
    return step.flatMap(
            current ->
                authority.flatMap(
                    current == AuthorityRotationStep.NEW_AUTHORITY_PUBLISHED
                        ? CertificateAuthority::publishedAt
                        : CertificateAuthority::changedAt))
        .map(since -> text(since.plus(rotation.waitingTime())));
  }

  private static Instant end(X509Certificate certificate) {
    return certificate.getNotAfter().toInstant();
  }

  private static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
