package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.tls.session.PlainSessionsTask;
import dev.postgresinstance.operator.feature.tls.session.TlsFindings;
import dev.postgresinstance.operator.feature.tls.session.TlsTask;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.SessionTask;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The certificate of the server, and the authority that signs it. */
public final class TlsFeature implements Feature {

  @Override
  public List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return ServerCertificate.of(snapshot)
        .filter(certificate -> TlsServerPart.isOffered(snapshot))
        .<List<SessionTask<?>>>map(
            certificate ->
                List.of(
                    new TlsTask(certificate.fingerprint(), !snapshot.paused()),
                    new PlainSessionsTask(
                        TlsServerPart.isRequired(snapshot) && !snapshot.paused())))
        .orElse(List.of());
  }

  @Override
  public List<Child<?>> children(WritePhase phase, ReconcileInput input) {
    if (TlsProblems.conflict(input.snapshot()).isPresent()) {
      return List.of();
    }
    return switch (phase) {
      case CERTIFICATE_AUTHORITY ->
          List.of(child(ObjectKey.CA_SECRET, new AuthorityPlan(input).secret(), input));
      case CERTIFICATE ->
          ServerCertificate.desired(input)
              .<List<Child<?>>>map(secret -> List.of(child(ObjectKey.TLS_SECRET, secret, input)))
              .orElse(List.of());
      default -> List.of();
    };
  }

  /** What else the instance needs does not wait for a certificate. */
  private static Child<Secret> child(ObjectKey<Secret> key, Secret secret, ReconcileInput input) {
    return Child.of(key, secret)
        .orElse(
            rejection ->
                Optional.of(
                    new Child.Fallback.Leave<>(
                        TlsProblems.rejected(input.snapshot(), key, secret, rejection))));
  }

  @Override
  public void assess(ReconcileInput input, ProblemLog log) {
    Snapshot snapshot = input.snapshot();
    Optional<TlsFindings> findings = input.findings().get(TlsTask.TLS);
    log.add(TlsProblems.conflict(snapshot));
    log.add(
        TlsProblems.provided(snapshot, input.now(), findings)
            .or(
                () ->
                    findings.flatMap(found -> TlsProblems.notServed(snapshot.instance(), found))));
    log.add(TlsProblems.unusable(snapshot, input.login()));
    log.add(TlsProblems.ending(snapshot, input.findings().get(PlainSessionsTask.PLAIN_SESSIONS)));
  }

  /**
   * Until the server presents the certificate that it should present: a kubelet may refresh the
   * volume before it has seen the change of the Secret.
   */
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
                            found.expected(), found.lastAttempt(input.now()).getEpochSecond())))
        .orElse(Map.of());
  }

  @Override
  public void report(Observation observation, Instant now, StatusBuilder status) {
    new TlsReport(observation, now).addTo(status);
  }
}
