package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.api.v1alpha1.BindingStatus;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.EventMessage;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.SessionRequest;
import dev.postgresinstance.operator.sql.SessionTask;
import io.fabric8.kubernetes.api.model.Secret;
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
    if (phase != WritePhase.SECRETS) {
      return List.of();
    }
    Snapshot snapshot = input.snapshot();
    Credentials credentials = credentials(input);
    Optional<SuperuserPassword> superuser = superuser(input);
    List<Child<?>> children = new ArrayList<>();
    credentials
        .publishedNow(input.atStart())
        .map(published -> appSecret(input, published))
        .ifPresent(children::add);
    children.add(
        Child.of(
            ObjectKey.OPERATOR_SECRET,
            OperatorSecret.desired(
                snapshot, credentials, superuser, input.findings().lockedOut().isPresent())));
    if (superuser.isEmpty() && snapshot.get(ObjectKey.SUPERUSER_SECRET).isPresent()) {
      children.add(Child.of(ObjectKey.SUPERUSER_SECRET, SuperuserSecret.givenUp(snapshot)));
    }
    superuser
        .filter(SuperuserPassword::publishable)
        .map(password -> SuperuserSecret.desired(snapshot, password))
        .ifPresent(secret -> children.add(Child.of(ObjectKey.SUPERUSER_SECRET, secret)));
    return children;
  }

  private static Child<Secret> appSecret(ReconcileInput input, Credentials published) {
    Snapshot snapshot = input.snapshot();
    Optional<DataRecord> record = DataRecord.after(input.atStart(), input.login());
    return Child.of(
            ObjectKey.APP_SECRET, AppSecret.desired(snapshot, published, record, input.now()))
        .reporting(published(snapshot, published));
  }

  /** A password is published once a login has proven it. */
  private static Credentials credentials(ReconcileInput input) {
    Snapshot snapshot = input.atStart();
    Credentials credentials = Credentials.of(snapshot, input.passwords(), input.now());
    boolean isProven =
        input.login() instanceof LoggedIn
            && Credentials.persistedPassword(snapshot, input.now())
                .equals(Optional.of(credentials.password()));
    return isProven ? credentials.proven() : credentials;
  }

  private static Optional<SuperuserPassword> superuser(ReconcileInput input) {
    Optional<SuperuserFindings> found = input.findings().get(SuperuserTask.SUPERUSERS);
    return SuperuserPassword.of(input.atStart(), input.passwords())
        .map(
            password ->
                found.filter(superuser -> superuser.proves(password.password())).isPresent()
                    ? password.proven()
                    : password);
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
    log.note(PasswordProblems.passwordFile(credentials(input)));
  }

  @Override
  public Set<SessionRequest> requests(ReconcileInput input) {
    return RepairPolicy.of(input.snapshot(), input.login(), input.cluster()::isCurrent);
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
