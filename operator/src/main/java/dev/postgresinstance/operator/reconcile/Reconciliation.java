package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.ReconcileInput.ClusterQueries;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.server.PodPlan;
import dev.postgresinstance.operator.feature.server.SchedulingProblems;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.ApiErrors;
import dev.postgresinstance.operator.kubernetes.cache.LenientDecoding;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ActionLog;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.report.Rank;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.SessionRequest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One reconciliation of one instance: writes the children in the order in which they depend on each
 * other. The features decide what the children contain.
 */
final class Reconciliation {

  private final Engine engine;
  private final Instant now;
  private final ProblemLog problems = new ProblemLog();
  private final ActionLog actions = new ActionLog();
  private final Set<SessionRequest> requests = new HashSet<>();
  private final ChildWriter writer;
  private final Snapshot atStart;
  private final NewPasswords passwords = new NewPasswords();
  private final ClusterQueries queries;

  /**
   * Prepares a reconciliation.
   *
   * @param snapshot the instance and its objects before anything is written
   */
  Reconciliation(Engine engine, Context<PostgresInstance> context, Snapshot snapshot, Instant now) {
    this.engine = engine;
    this.now = now;
    this.atStart = snapshot;
    this.queries = engine.queries();
    this.writer = new ChildWriter(engine.apply(), context, snapshot, problems, actions);
  }

  /**
   * Runs until it is complete or a problem stops it.
   *
   * @param lastLogin returns the result of the last login; called after the preflight of the
   *     children, because it starts logins with what the children contain
   */
  ReconciliationResult run(Function<ReconcileInput, LoginResult> lastLogin) {
    LoginResult login = new LoginResult.Pending();
    Optional<RuntimeException> failure = Optional.empty();
    problems.note(LenientDecoding.unknown(atStart.instance()).map(OperatorProblems::unknownFields));
    try {
      Preflight.check(atStart);
      login = lastLogin.apply(input(login));
      reconcile(input(login));
    } catch (Abort e) {
      problems.add(e.problem());
    } catch (KubernetesClientException e) {
      if (ApiErrors.isPermanent(e)) {
        problems.add(ApiProblems.of(ApiErrors.message(e)).ranked(Rank.STOPPED));
      } else {
        failure = Optional.of(e);
      }
    } catch (RuntimeException e) { // a defect: what was done before is reported all the same
      failure = Optional.of(e);
    }
    if (failure.isEmpty() && !(login instanceof LoggedIn)) {
      SchedulingEvidence evidence = engine.reader().evidence(writer.snapshot(), login, now);
      problems.add(SchedulingProblems.of(writer.snapshot(), evidence, now));
    }
    return new ReconciliationResult(
        new Observation(writer.snapshot(), login, problems.problems(), problems.notes()),
        actions.messages(),
        requests,
        writer.hasWritten(),
        failure);
  }

  private ReconcileInput input(LoginResult login) {
    return new ReconcileInput(atStart, writer.snapshot(), login, passwords, queries, now);
  }

  private void reconcile(ReconcileInput start) {
    engine.features().all().forEach(feature -> feature.preflight(start));
    if (atStart.paused()) {
      return;
    }
    LoginResult login = start.login();
    WritePhase.retainedUnit(atStart.instance().getSpec().deletionPolicy())
        .forEach(phase -> write(phase, login));
    engine.features().all().forEach(feature -> feature.assess(input(login), problems));
    engine.features().all().forEach(feature -> requests.addAll(feature.requests(input(login))));
    write(WritePhase.CONFIGURATION, login);
    if (hasWhatTheNextPodNeeds()) {
      engine.features().all().stream()
          .flatMap(feature -> feature.deletions(input(login)).stream())
          .forEach(deletion -> engine.apply().deleteWithPods(deletion.object(), deletion.why()));
      write(WritePhase.RESTORE, login);
      write(WritePhase.SERVER, login);
    }
    if (writer.isWritten(ObjectKey.STATEFUL_SET) && hasWhatTheNextPodNeeds()) {
      writer.snapshot().pod().ifPresent(pod -> reconcilePod(pod, input(login)));
    }
    write(WritePhase.BACKUP, login);
  }

  /**
   * Otherwise the server would not start again after a restart, or would do so with a configuration
   * for other resources. The operator's Secret may be the previous one: the operator's session sets
   * new passwords in a running server.
   */
  private boolean hasWhatTheNextPodNeeds() {
    return writer.isWritten(ObjectKey.CONFIG_MAP)
        && writer.exists(ObjectKey.CLAIM, ObjectKey.OPERATOR_SECRET);
  }

  private void write(WritePhase phase, LoginResult login) {
    engine.features().all().stream()
        .flatMap(feature -> feature.children(phase, input(login)).stream())
        .forEach((Child<?> child) -> writer.write(child));
  }

  private void reconcilePod(Pod pod, ReconcileInput input) {
    PodPlan plan = engine.features().server().podPlan(pod, input);
    plan.request().ifPresent(requests::add);
    plan.withoutPod().ifPresent(writer::write);
    plan.replacement().ifPresent(why -> replace(pod, why));
    if (plan.keepsPod()) {
      annotate(pod, input);
    }
    problems.add(plan.problem());
  }

  private void replace(Pod pod, String why) {
    engine.apply().delete(pod, why);
    actions.add(
        EventReason.RESTARTING,
        "Restarting pod %s: %s.".formatted(pod.getMetadata().getName(), why));
  }

  /** Makes the kubelet refresh the pod's volumes at once, if they are outdated. */
  private void annotate(Pod pod, ReconcileInput input) {
    Map<String, String> annotations = new TreeMap<>();
    engine.features().all().forEach(feature -> annotations.putAll(feature.podAnnotations(input)));
    engine.apply().annotate(pod, annotations);
  }
}
