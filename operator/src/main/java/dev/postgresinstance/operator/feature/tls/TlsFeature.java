package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.TlsStatus;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.SessionTask;
import io.fabric8.kubernetes.api.model.Secret;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The certificate of the server, and the authority that signs it. */
public final class TlsFeature implements Feature {

  /** A kubelet may refresh the volume before it has seen the change of the Secret. */
  private static final Duration REFRESH_AGAIN = Duration.ofSeconds(5);

  private static final int HEXADECIMAL = 16;

  @Override
  public List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return ServerCertificate.of(snapshot)
        .filter(certificate -> TlsServerPart.isOffered(snapshot))
        .<List<SessionTask<?>>>map(
            certificate -> List.of(new TlsTask(certificate.fingerprint(), !snapshot.paused())))
        .orElse(List.of());
  }

  @Override
  public List<Child<?>> children(WritePhase phase, ReconcileInput input) {
    if (TlsProblems.conflict(input.snapshot()).isPresent()) {
      return List.of();
    }
    return switch (phase) {
      case CERTIFICATE_AUTHORITY ->
          List.of(child(ObjectKey.CA_SECRET, CertificateAuthority.desired(input), input));
      case CERTIFICATE ->
          ServerCertificate.desired(input)
              .<List<Child<?>>>map(secret -> List.of(child(ObjectKey.TLS_SECRET, secret, input)))
              .orElse(List.of());
      default -> List.of();
    };
  }

  /** An instance does without TLS while the API server accepts no further Secret. */
  private static Child<Secret> child(ObjectKey<Secret> key, Secret secret, ReconcileInput input) {
    Snapshot snapshot = input.snapshot();
    return Child.of(key, secret)
        .orElse(
            rejection ->
                snapshot.get(key).isPresent()
                    ? Optional.empty()
                    : Optional.of(
                        new Child.Fallback.DoWithout<>(
                            TlsProblems.rejected(snapshot, secret, rejection))));
  }

  @Override
  public void assess(ReconcileInput input, ProblemLog log) {
    log.add(TlsProblems.conflict(input.snapshot()));
    log.add(
        input
            .findings()
            .get(TlsTask.TLS)
            .flatMap(found -> TlsProblems.notServed(input.snapshot().instance(), found)));
  }

  /** Until the server presents the certificate that it should present. */
  @Override
  public Map<String, String> podAnnotations(ReconcileInput input) {
    return input
        .findings()
        .get(TlsTask.TLS)
        .filter(found -> !found.isServing() && !found.isForcedOff())
        .map(
            found ->
                Map.of(
                    Labels.CERTIFICATE,
                    "%.8s@%d"
                        .formatted(
                            found.expected(),
                            input.now().getEpochSecond() / REFRESH_AGAIN.toSeconds())))
        .orElse(Map.of());
  }

  @Override
  public void report(Observation observation, Instant now, StatusBuilder status) {
    Snapshot snapshot = observation.snapshot();
    Optional<TlsFindings> findings = observation.findings().get(TlsTask.TLS);
    Optional<KeyedCertificate> stored = ServerCertificate.of(snapshot);
    stored.ifPresent(certificate -> status.tls(status(certificate, findings)));
    Optional<Problem> problem =
        observation
            .worst(ConditionType.CERTIFICATE_READY)
            // While reconciliation is paused, nothing is assessed.
            .or(() -> findings.flatMap(f -> TlsProblems.notServed(snapshot.instance(), f)));
    if (problem.isPresent()) {
      status.failed(ConditionType.CERTIFICATE_READY, problem.get());
    } else if (snapshot.pod().isPresent() && !TlsServerPart.isOffered(snapshot)) {
      status.condition(
          ConditionType.CERTIFICATE_READY,
          false,
          Reason.RESTART_REQUIRED,
          "The server was started by an earlier version of the operator. It offers TLS after its next restart.");
    } else if (findings.isPresent()) {
      status.condition(
          ConditionType.CERTIFICATE_READY,
          true,
          Reason.CERTIFICATE_SERVED,
          stored.filter(c -> findings.get().isPresented(c.fingerprint())).isPresent()
              ? "The server presents the certificate of Secret %s."
                  .formatted(Names.tlsSecret(snapshot.instance()))
              : TlsProblems.loading(snapshot.instance()));
    } else {
      unproven(status);
    }
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

  private static TlsStatus status(KeyedCertificate stored, Optional<TlsFindings> findings) {
    X509Certificate certificate = stored.certificate();
    return new TlsStatus(
        certificate.getNotAfter().toInstant().truncatedTo(ChronoUnit.SECONDS).toString(),
        certificate.getIssuerX500Principal().getName(),
        List.copyOf(CertificateNames.in(certificate)),
        certificate.getSerialNumber().toString(HEXADECIMAL),
        findings.map(found -> found.isPresented(stored.fingerprint())).orElse(null));
  }
}
