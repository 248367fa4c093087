package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.data.UserConsent;
import dev.postgresinstance.operator.feature.tls.session.PlainSessions;
import dev.postgresinstance.operator.feature.tls.session.TlsFindings;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rank;
import dev.postgresinstance.operator.report.Rejection;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/** What is wrong with the certificate, and what to do. */
final class TlsProblems {

  private TlsProblems() {}

  /** A Secret of somebody else has the name of one of the operator's. */
  static Optional<Problem> conflict(Snapshot snapshot) {
    return Stream.of(ObjectKey.CA_SECRET, ObjectKey.TLS_SECRET)
        .flatMap(key -> snapshot.get(key).stream())
        .filter(secret -> !UserConsent.covers(snapshot, secret))
        .findFirst()
        .map(secret -> conflict(snapshot, secret));
  }

  private static Problem conflict(Snapshot snapshot, Secret secret) {
    return new Problem(
            ConditionType.CERTIFICATE_READY,
            Reason.CONFLICT,
            "Secret %s exists and does not belong to this instance; it was not changed, and the server gets no certificate of the operator. Give that Secret another name."
                .formatted(secret.getMetadata().getName()))
        .ranked(TlsServerPart.isOffered(snapshot) ? Rank.SPEC : Rank.NOTE);
  }

  /**
   * The API server rejects the Secret for authority or certificate. Which certificate the server
   * presents meanwhile is another question; but without the Secret its next pod does not start.
   */
  static Problem rejected(
      Snapshot snapshot, ObjectKey<Secret> key, Secret secret, Rejection rejection) {
    Problem problem = ApiProblems.rejected(snapshot.instance(), secret, rejection);
    boolean isNeeded = snapshot.get(key).isEmpty() && TlsServerPart.isOffered(snapshot);
    return new Problem(ConditionType.CERTIFICATE_READY, problem.reason(), problem.message())
        .ranked(isNeeded ? Rank.SPEC : Rank.NOTE);
  }

  /**
   * The user's certificate cannot be used. That makes the instance unready only where clients
   * reject what the server presents: the former certificate may be good for a long time.
   */
  static Optional<Problem> provided(
      Snapshot snapshot, Instant now, Optional<TlsFindings> findings) {
    return ProvidedCertificate.of(snapshot, now)
        .flatMap(ProvidedCertificate::fault)
        .map(
            fault ->
                new Problem(
                        ConditionType.CERTIFICATE_READY,
                        Reason.TLS_SECRET_INVALID,
                        "%s The server keeps the certificate of Secret %s.%s"
                            .formatted(
                                fault,
                                Names.tlsSecret(snapshot.instance()),
                                findings
                                    .flatMap(TlsFindings::fault)
                                    .map(served -> " " + served)
                                    .orElse("")))
                    .ranked(
                        findings.flatMap(TlsFindings::fault).isPresent() ? Rank.SPEC : Rank.NOTE));
  }

  /** Nobody can connect over the network: the server requires TLS, but was started without it. */
  static Optional<Problem> unusable(Snapshot snapshot, LoginResult login) {
    PostgresInstance instance = snapshot.instance();
    return snapshot
        .activePod()
        .filter(pod -> RequiredTls.isUnusable(snapshot, login))
        .map(
            pod ->
                new Problem(
                    ConditionType.AVAILABLE,
                    Reason.CERTIFICATE_NOT_SERVED,
                    "The server offers no TLS, and spec.tls.required refuses all other connections from the network. PostgreSQL rejected the certificate when the server started; its log says why: %s\nSecret %s has a valid certificate now. To restart the server with it: %s"
                        .formatted(
                            KubectlCommand.logs(instance),
                            Names.tlsSecret(instance),
                            KubectlCommand.annotateWithDate(instance, Labels.RESTART))));
  }

  /** Sessions without TLS are about to end. */
  static Optional<Problem> ending(Snapshot snapshot, Optional<PlainSessions> sessions) {
    return sessions
        .filter(found -> TlsServerPart.isRequired(snapshot) && !found.isSettled())
        .filter(found -> !snapshot.previousStatus().wasReady())
        .map(
            found ->
                new Problem(
                    Reason.CONFIGURING,
                    "The server is about to refuse connections from the network without TLS, and to end those that exist."));
  }

  /** The server does not present the certificate that it should present. */
  static Optional<Problem> notServed(PostgresInstance instance, TlsFindings findings) {
    if (findings.isForcedOff()) {
      return Optional.of(
          problem(
              "PostgreSQL rejected the certificate when the server started, so the server offers no TLS; its log says why. Secret %s has a valid certificate now. To restart the server with it: %s"
                  .formatted(
                      Names.tlsSecret(instance),
                      KubectlCommand.annotateWithDate(instance, Labels.RESTART))));
    }
    return findings.fault().map(fault -> problem(fault + " " + loading(instance)));
  }

  /** A certificate that is still good is presented in place of a newer one. */
  static String loading(PostgresInstance instance) {
    return (Boolean.TRUE.equals(instance.getSpec().paused())
            ? "The server loads the certificate of Secret %s when spec.paused is false."
            : "The operator has the server load the certificate of Secret %s.")
        .formatted(Names.tlsSecret(instance));
  }

  private static Problem problem(String message) {
    return new Problem(ConditionType.CERTIFICATE_READY, Reason.CERTIFICATE_NOT_SERVED, message)
        .ranked(Rank.SPEC);
  }
}
