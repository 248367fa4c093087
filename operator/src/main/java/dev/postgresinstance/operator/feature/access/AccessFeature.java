package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.api.v1alpha1.BindingStatus;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.access.secret.MetadataOnly;
import dev.postgresinstance.operator.feature.access.secret.UserProvidedPassword;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.EventMessage;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.SessionRequest;
import dev.postgresinstance.operator.sql.SessionTask;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Credentials: the published ones, the operator's own, and the superuser's. */
public final class AccessFeature implements Feature {

  @Override
  public List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return List.of(new SuperuserTask(superuserAccess(snapshot)));
  }

  private static SuperuserAccess superuserAccess(Snapshot snapshot) {
    if (snapshot.paused()) {
      return new SuperuserAccess.Unchanged();
    }
    if (!snapshot.superuserAccess()) {
      return new SuperuserAccess.Closed();
    }
    return SuperuserPassword.persisted(snapshot)
        .<SuperuserAccess>map(
            password ->
                new SuperuserAccess.Open(
                    new Role(Names.SUPERUSER, password),
                    SuperuserPassword.isUnpublished(snapshot, password)))
        .orElseGet(SuperuserAccess.Unchanged::new);
  }

  /** Changes nothing while no usable password is known. */
  @Override
  public void preflight(ReconcileInput input) {
    Snapshot snapshot = input.snapshot();
    if (snapshot.paused()) {
      return;
    }
    Credentials.fault(snapshot)
        .or(
            () ->
                Credentials.persistedPassword(snapshot, input.now()).isEmpty()
                    ? UserProvidedPassword.fault(snapshot)
                    : Optional.empty())
        .ifPresent(
            fault -> {
              throw new Abort(
                  Reason.PASSWORD_SECRET_INVALID,
                  fault + " Nothing is changed in the database until the Secret is valid.");
            });
  }

  @Override
  public List<Child<?>> children(WritePhase phase, ReconcileInput input) {
    return switch (phase) {
      case PUBLISHED_SECRETS -> publishedSecrets(input);
      case OPERATOR_SECRET -> List.of(operatorSecret(input));
      default -> List.of();
    };
  }

  private static List<Child<?>> publishedSecrets(ReconcileInput input) {
    Snapshot snapshot = input.snapshot();
    List<Child<?>> children = new ArrayList<>();
    Publication.of(input)
        .toPublish(input.login())
        .publishedNow(input.atStart())
        .map(published -> appSecret(input, published))
        .ifPresent(children::add);
    boolean isGivenUp =
        !snapshot.superuserAccess() && snapshot.get(ObjectKey.SUPERUSER_SECRET).isPresent();
    superuser(input)
        .filter(password -> password.publishable() || isProven(input, password))
        .map(password -> SuperuserSecret.desired(snapshot, password))
        .or(() -> isGivenUp ? Optional.of(SuperuserSecret.givenUp(snapshot)) : Optional.empty())
        .map(secret -> MetadataOnly.fallback(snapshot, ObjectKey.SUPERUSER_SECRET, secret))
        .ifPresent(children::add);
    return children;
  }

  private static Child<Secret> appSecret(ReconcileInput input, Credentials published) {
    Snapshot snapshot = input.snapshot();
    Secret metadata =
        Credentials.published(snapshot)
            .map(former -> Publication.secret(input, published.withPublished(former)))
            .orElseGet(() -> Publication.secret(input, published));
    return MetadataOnly.fallback(
            snapshot, ObjectKey.APP_SECRET, Publication.secret(input, published), metadata)
        .reporting(published(snapshot, published));
  }

  /** Keeps its data while the password in the database is unknown: a start would set another. */
  private static Child<Secret> operatorSecret(ReconcileInput input) {
    Snapshot snapshot = input.snapshot();
    Publication publication = Publication.of(input);
    Secret desired =
        OperatorSecret.desired(
            snapshot,
            publication.inForce(input),
            superuser(input),
            input.findings().lockedOut().isPresent());
    Secret written =
        snapshot
            .get(ObjectKey.OPERATOR_SECRET)
            .filter(present -> publication.isStuck())
            .map(present -> new SecretBuilder(desired).withData(present.getData()).build())
            .orElse(desired);
    return MetadataOnly.fallback(snapshot, ObjectKey.OPERATOR_SECRET, written);
  }

  /** Publishable once its Secret holds it. A new one is set only if its Secret can be written. */
  private static Optional<SuperuserPassword> superuser(ReconcileInput input) {
    return SuperuserPassword.of(input.snapshot(), input.passwords())
        .filter(password -> unpublishableSuperuser(input).isEmpty());
  }

  private static Optional<Problem> unpublishableSuperuser(ReconcileInput input) {
    Snapshot snapshot = input.snapshot();
    return SuperuserPassword.of(snapshot, input.passwords())
        .filter(password -> SuperuserPassword.persisted(input.atStart()).isEmpty())
        .map(password -> SuperuserSecret.desired(snapshot, password))
        .flatMap(
            secret ->
                input
                    .cluster()
                    .rejection(secret, input.atStart().get(ObjectKey.SUPERUSER_SECRET))
                    .map(why -> SuperuserProblems.rejected(snapshot.instance(), secret, why)));
  }

  private static boolean isProven(ReconcileInput input, SuperuserPassword password) {
    return input
        .findings()
        .get(SuperuserTask.SUPERUSERS)
        .filter(superuser -> superuser.proves(password.password()))
        .isPresent();
  }

  private static Optional<EventMessage> published(Snapshot snapshot, Credentials credentials) {
    return snapshot
        .get(ObjectKey.APP_SECRET)
        .filter(present -> Credentials.isUnpublished(snapshot, credentials.password()))
        .map(
            present ->
                EventMessage.action(
                    EventReason.PASSWORD_PUBLISHED,
                    "Published a new password in Secret %s."
                        .formatted(Names.appSecret(snapshot.instance()))));
  }

  @Override
  public void assess(ReconcileInput input, ProblemLog log) {
    input
        .findings()
        .get(SuperuserTask.SUPERUSERS)
        .ifPresent(found -> log.addAll(SuperuserProblems.of(input.snapshot(), found)));
    log.add(PasswordProblems.of(input.snapshot()));
    log.addAll(PasswordProblems.ofPublication(input));
    log.add(unpublishableSuperuser(input));
    log.note(PasswordProblems.passwordFile(Publication.of(input).toPublish(input.login())));
  }

  @Override
  public Set<SessionRequest> requests(ReconcileInput input) {
    return RepairPolicy.of(
        input.snapshot(),
        input.login(),
        secret -> !Publication.of(input).isStuck() && input.cluster().isCurrent(secret));
  }

  @Override
  public List<Problem> problems(Observation observation, Instant now) {
    return LoginProblems.lockedOut(observation).stream().toList();
  }

  @Override
  public void report(Observation observation, Instant now, StatusBuilder status) {
    LoginProblems.report(observation, status);
    status.binding(
        observation
            .snapshot()
            .get(ObjectKey.APP_SECRET)
            .map(secret -> new BindingStatus(secret.getMetadata().getName()))
            .orElse(null));
    status.passwordRotation(Rotation.status(observation.snapshot()).orElse(null));
  }
}
