package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.DeletionPolicy;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.AppSecret;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.feature.access.OperatorSecret;
import dev.postgresinstance.operator.feature.access.PasswordProblems;
import dev.postgresinstance.operator.feature.access.RepairPolicy;
import dev.postgresinstance.operator.feature.access.SuperuserPassword;
import dev.postgresinstance.operator.feature.access.SuperuserProblems;
import dev.postgresinstance.operator.feature.access.SuperuserSecret;
import dev.postgresinstance.operator.feature.configuration.ConfigurationPlan;
import dev.postgresinstance.operator.feature.configuration.ConfigurationProblems;
import dev.postgresinstance.operator.feature.configuration.ServerSettings;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.image.ImagePlan;
import dev.postgresinstance.operator.feature.image.ImageProblems;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.feature.server.Restart;
import dev.postgresinstance.operator.feature.server.SchedulingProblems;
import dev.postgresinstance.operator.feature.server.ServerConfigMap;
import dev.postgresinstance.operator.feature.server.ServerStatefulSet;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.feature.storage.OfflineGrowth;
import dev.postgresinstance.operator.feature.storage.StorageProblems;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.kubernetes.Informers;
import dev.postgresinstance.operator.kubernetes.LenientDecoding;
import dev.postgresinstance.operator.reconcile.InstanceStatus.Observation;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ActionLog;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.EventMessage;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.ServerFindings;
import dev.postgresinstance.operator.sql.SessionRequest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One pass over one instance: brings the children to what they should be, in the order in which one
 * needs the other. The Service is first, so that the port is known; the claim and the published
 * Secret record it with the data.
 */
final class Reconciliation {

  private final Informers sources;
  private final ConditionalApply apply;
  private final PostgresImages images;
  private final List<String> notes = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();
  private final Consumer<SessionRequest> wishes;
  private final ActionLog actions = new ActionLog();
  private final ChildWriter children;

  /**
   * A pass over that world.
   *
   * @param wishes takes what the next login is to do beside; another pass follows
   */
  Reconciliation(
      Informers sources,
      ConditionalApply apply,
      PostgresImages images,
      Context<PostgresInstance> context,
      Snapshot snapshot,
      Consumer<SessionRequest> wishes) {
    this.wishes = wishes;
    this.sources = sources;
    this.apply = apply;
    this.images = images;
    this.children = new ChildWriter(sources, apply, context, snapshot, problems::add, actions);
  }

  /**
   * Runs the pass, as far as it may go.
   *
   * @param login gives what came of the last login to the running server
   * @param random source of new passwords
   * @param now the time of the pass
   */
  Observation run(Supplier<LoginResult> login, Supplier<String> random, Instant now) {
    LoginResult result = new LoginResult.Pending();
    LenientDecoding.unknown(children.snapshot().instance())
        .map(OperatorProblems::unknown)
        .ifPresent(notes::add);
    try {
      Preflight.strangers(children.snapshot());
      result = login.get();
      Snapshot snapshot = children.snapshot();
      if (snapshot.paused()) {
        Preflight.data(snapshot, DataRecord.of(snapshot)); // what is wrong is said all the same
      } else {
        applyAll(result, random, now);
      }
    } catch (Abort e) {
      stopped(new Problem(e.reason(), e.getMessage()));
    } catch (KubernetesClientException e) {
      if (!Abort.isLasting(e)) {
        throw e; // tried again soon; nothing to say yet
      }
      stopped(ApiProblems.of(Abort.words(e)));
    }
    if (!(result instanceof LoggedIn)) {
      SchedulingEvidence evidence = sources.evidence(children.snapshot(), result, now);
      SchedulingProblems.of(children.snapshot(), evidence, now).ifPresent(problems::add);
    }
    return new Observation(children.snapshot(), result, problems, notes);
  }

  /** A right that is missing is told before what waits for it. */
  private void stopped(Problem problem) {
    if (problem.reason() == Reason.MISSING_RIGHT) {
      problems.addFirst(problem);
    } else {
      problems.add(problem);
    }
  }

  /** What it has done so far, also when it did not come to its end. */
  List<EventMessage> actions() {
    return actions.told();
  }

  private void applyAll(LoginResult login, Supplier<String> random, Instant now) {
    Snapshot snapshot = children.snapshot();
    Optional<DataRecord> record = DataRecord.after(snapshot, login);
    Preflight.data(snapshot, record);
    Preflight.password(snapshot, now);
    Credentials credentials = Credentials.of(snapshot, random, now);
    Optional<SuperuserPassword> superuser =
        SuperuserPassword.of(snapshot, random).map(password -> proven(password, login));
    boolean proven =
        login instanceof LoggedIn
            && Credentials.persistedPassword(snapshot, now)
                .equals(Optional.of(credentials.password()));
    children.putService();
    applyKept(proven ? credentials.proven() : credentials, superuser, record, login, now);
    applyServer(record, login, now);
    PasswordProblems.of(snapshot).ifPresent(problems::add);
    PasswordProblems.passwordFile(credentials).ifPresent(notes::add);
    RepairPolicy.of(children.snapshot(), login, sources::isCurrent).forEach(wishes);
  }

  private static SuperuserPassword proven(SuperuserPassword password, LoginResult login) {
    return login.findings().superusers().filter(s -> s.proves(password.password())).isPresent()
        ? password.proven()
        : password;
  }

  /**
   * Claim and Secrets. The claim is the last to be given to the resource and the first to be taken
   * from it: if the operator ends in between, the data stays.
   */
  private void applyKept(
      Credentials credentials,
      Optional<SuperuserPassword> superuser,
      Optional<DataRecord> record,
      LoginResult login,
      Instant now) {
    StorageProblems.smaller(children.snapshot()).ifPresent(notes::add);
    Snapshot snapshot = children.snapshot();
    // The published Secret is the first to record new data: then it is safe, and Ready does not
    // wait for the claim, which follows at once.
    boolean isNew = record.isPresent() && DataRecord.of(snapshot).isEmpty();
    Optional<DataRecord> ofClaim = isNew ? Optional.empty() : record;
    if (snapshot.instance().getSpec().deletionPolicy() == DeletionPolicy.DELETE) {
      applySecrets(credentials, superuser, record, login, now);
      children.putClaim(ofClaim);
    } else {
      children.putClaim(ofClaim);
      applySecrets(credentials, superuser, record, login, now);
    }
    if (isNew) {
      sources.requestReconciliation(ResourceID.fromResource(snapshot.instance()));
    }
  }

  private void applySecrets(
      Credentials credentials,
      Optional<SuperuserPassword> superuser,
      Optional<DataRecord> record,
      LoginResult login,
      Instant now) {
    Snapshot snapshot = children.snapshot();
    if (credentials.published()) {
      children.put(AppSecret.desired(snapshot, credentials, record, now), snapshot.appSecret());
      if (snapshot.appSecret().isPresent()
          && Credentials.isUnpublished(snapshot, credentials.password())) {
        actions.add(
            EventReason.PASSWORD_PUBLISHED,
            "Another password is in Secret %s.".formatted(Names.appSecret(snapshot.instance())));
      }
    }
    boolean lockedOut = login.findings().lockedOut().isPresent();
    children.put(
        OperatorSecret.desired(snapshot, credentials, superuser, lockedOut),
        snapshot.operatorSecret());
    if (superuser.isEmpty() && snapshot.superuserSecret().isPresent()) {
      children.put(SuperuserSecret.givenUp(snapshot), snapshot.superuserSecret());
    }
    superuser
        .filter(SuperuserPassword::published)
        .ifPresent(
            password ->
                children.put(
                    SuperuserSecret.desired(snapshot, password), snapshot.superuserSecret()));
  }

  private void applyServer(Optional<DataRecord> record, LoginResult login, Instant now) {
    Snapshot snapshot = children.snapshot();
    ServerFindings findings = login.findings();
    OfflineGrowth growth = OfflineGrowth.of(snapshot, now);
    problems.addAll(StorageProblems.of(snapshot, findings.volume(), growth));
    Optional<ServerSettings> settings = findings.settings();
    ConfigurationPlan plan = ConfigurationPlan.of(snapshot, settings);
    children.put(ServerConfigMap.desired(snapshot, plan), snapshot.configMap());
    ImagePlan image = ImagePlan.of(snapshot, images, record, now);
    StatefulSet desired = growth.on(snapshot, ServerStatefulSet.desired(snapshot, image, record));
    children.putStatefulSet(desired);
    findings
        .superusers()
        .ifPresent(superusers -> problems.addAll(SuperuserProblems.of(snapshot, superusers)));
    ImageProblems.refused(snapshot.instance(), image).ifPresent(problems::add);
    settings.flatMap(s -> ImageProblems.collations(snapshot, s)).ifPresent(problems::add);
    boolean askedSoon = login instanceof LoggedIn && findings.lockedOut().isEmpty();
    problems.addAll(ConfigurationProblems.of(snapshot.instance(), plan, settings, askedSoon));
    settings
        .filter(server -> !server.alterSystem().isEmpty())
        .ifPresent(server -> notes.add(ConfigurationProblems.alterSystem(server)));
    snapshot.pod().ifPresent(pod -> applyToPod(pod, plan, findings, desired, now));
  }

  private void applyToPod(
      Pod pod, ConfigurationPlan plan, ServerFindings findings, StatefulSet desired, Instant now) {
    Snapshot snapshot = children.snapshot();
    switch (Restart.of(snapshot, pod, desired, plan, findings.settings(), now)) {
      case Restart.None none -> point(pod, plan, findings, now);
      case Restart.Waits waits -> {
        problems.add(ConfigurationProblems.waiting(snapshot.instance(), waits));
        point(pod, plan, findings, now);
      }
      case Restart.Due due -> {
        if (findings.needsCheckpoint()) {
          wishes.accept(SessionRequest.CHECKPOINT);
          point(pod, plan, findings, now);
        } else if (OfflineGrowth.isDue(snapshot)) {
          children.putStatefulSet(new OfflineGrowth.Away(Optional.empty()).on(snapshot, desired));
        } else {
          apply.delete(pod, due.why());
          actions.add(
              EventReason.RESTARTING,
              "Pod %s makes room for a new one: %s."
                  .formatted(pod.getMetadata().getName(), due.why()));
        }
        if (Restart.runs(pod)) { // not said of one that was refused
          problems.add(ConfigurationProblems.restarting(due));
        }
      }
    }
  }

  /** Has the kubelet look at what is new for the pod. */
  private void point(Pod pod, ConfigurationPlan plan, ServerFindings findings, Instant now) {
    Map<String, String> pointers = new TreeMap<>();
    findings
        .settings()
        .filter(s -> !s.onDisk().equals(plan.expected()))
        .ifPresent(s -> pointers.put(Labels.CONFIGURATION, plan.pointer(now)));
    DataClaim.growth(children.snapshot(), now)
        .ifPresent(growth -> pointers.put(Labels.VOLUME_SIZE, growth));
    apply.annotate(pod, pointers);
  }
}
