package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.DeletionPolicy;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.children.AppSecret;
import dev.postgresinstance.operator.children.ConfigurationPlan;
import dev.postgresinstance.operator.children.Credentials;
import dev.postgresinstance.operator.children.DataClaim;
import dev.postgresinstance.operator.children.DataRecord;
import dev.postgresinstance.operator.children.ImagePlan;
import dev.postgresinstance.operator.children.Labels;
import dev.postgresinstance.operator.children.Names;
import dev.postgresinstance.operator.children.OfflineGrowth;
import dev.postgresinstance.operator.children.OperatorSecret;
import dev.postgresinstance.operator.children.PostgresImages;
import dev.postgresinstance.operator.children.Restart;
import dev.postgresinstance.operator.children.ServerConfig;
import dev.postgresinstance.operator.children.ServerStatefulSet;
import dev.postgresinstance.operator.children.SuperuserPassword;
import dev.postgresinstance.operator.children.SuperuserSecret;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.events.Happening;
import dev.postgresinstance.operator.postgres.Findings;
import dev.postgresinstance.operator.postgres.LoginResult;
import dev.postgresinstance.operator.postgres.LoginResult.LoggedIn;
import dev.postgresinstance.operator.postgres.ServerSettings;
import dev.postgresinstance.operator.postgres.Wish;
import dev.postgresinstance.operator.status.ApiTrouble;
import dev.postgresinstance.operator.status.Clues;
import dev.postgresinstance.operator.status.ClusterTrouble;
import dev.postgresinstance.operator.status.ConfigurationTrouble;
import dev.postgresinstance.operator.status.ImageTrouble;
import dev.postgresinstance.operator.status.InstanceStatus.Observation;
import dev.postgresinstance.operator.status.OperatorTrouble;
import dev.postgresinstance.operator.status.PasswordTrouble;
import dev.postgresinstance.operator.status.StorageTrouble;
import dev.postgresinstance.operator.status.SuperuserTrouble;
import dev.postgresinstance.operator.status.Trouble;
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
final class Pass {

  private final Sources sources;
  private final Apply apply;
  private final PostgresImages images;
  private final List<String> notes = new ArrayList<>();
  private final List<Trouble> troubles = new ArrayList<>();
  private final Consumer<Wish> wishes;
  private final Deeds deeds = new Deeds();
  private final ChildWriter children;

  /**
   * A pass over that world.
   *
   * @param wishes takes what the next login is to do beside; another pass follows
   */
  Pass(
      Sources sources,
      Apply apply,
      PostgresImages images,
      Context<PostgresInstance> context,
      World world,
      Consumer<Wish> wishes) {
    this.wishes = wishes;
    this.sources = sources;
    this.apply = apply;
    this.images = images;
    this.children = new ChildWriter(sources, apply, context, world, troubles::add, deeds);
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
    Decoding.unknown(children.world().instance())
        .map(OperatorTrouble::unknown)
        .ifPresent(notes::add);
    try {
      Guard.strangers(children.world());
      result = login.get();
      World world = children.world();
      if (world.paused()) {
        Guard.data(world, DataRecord.of(world)); // what is wrong is said all the same
      } else {
        applyAll(result, random, now);
      }
    } catch (Refusal e) {
      stopped(new Trouble(e.reason(), e.getMessage()));
    } catch (KubernetesClientException e) {
      if (!Refusal.isLasting(e)) {
        throw e; // tried again soon; nothing to say yet
      }
      stopped(ApiTrouble.of(Refusal.words(e)));
    }
    if (!(result instanceof LoggedIn)) {
      Clues clues = sources.clues(children.world(), result, now);
      ClusterTrouble.of(children.world(), clues, now).ifPresent(troubles::add);
    }
    return new Observation(children.world(), result, troubles, notes);
  }

  /** A right that is missing is told before what waits for it. */
  private void stopped(Trouble trouble) {
    if (trouble.reason() == Reason.MISSING_RIGHT) {
      troubles.addFirst(trouble);
    } else {
      troubles.add(trouble);
    }
  }

  /** What it has done so far, also when it did not come to its end. */
  List<Happening> deeds() {
    return deeds.told();
  }

  private void applyAll(LoginResult login, Supplier<String> random, Instant now) {
    World world = children.world();
    Optional<DataRecord> record = DataRecord.after(world, login);
    Guard.data(world, record);
    Guard.password(world, now);
    Credentials credentials = Credentials.of(world, random, now);
    Optional<SuperuserPassword> superuser =
        SuperuserPassword.of(world, random).map(password -> proven(password, login));
    boolean proven =
        login instanceof LoggedIn
            && Credentials.persistedPassword(world, now)
                .equals(Optional.of(credentials.password()));
    children.putService();
    applyKept(proven ? credentials.proven() : credentials, superuser, record, login, now);
    applyServer(record, login, now);
    PasswordTrouble.of(world).ifPresent(troubles::add);
    PasswordTrouble.passwordFile(credentials).ifPresent(notes::add);
    Mending.of(children.world(), login, sources::isCurrent).forEach(wishes);
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
    StorageTrouble.smaller(children.world()).ifPresent(notes::add);
    World world = children.world();
    // The published Secret is the first to record new data: then it is safe, and Ready does not
    // wait for the claim, which follows at once.
    boolean isNew = record.isPresent() && DataRecord.of(world).isEmpty();
    Optional<DataRecord> ofClaim = isNew ? Optional.empty() : record;
    if (world.instance().getSpec().deletionPolicy() == DeletionPolicy.DELETE) {
      applySecrets(credentials, superuser, record, login, now);
      children.putClaim(ofClaim);
    } else {
      children.putClaim(ofClaim);
      applySecrets(credentials, superuser, record, login, now);
    }
    if (isNew) {
      sources.startPass(ResourceID.fromResource(world.instance()));
    }
  }

  private void applySecrets(
      Credentials credentials,
      Optional<SuperuserPassword> superuser,
      Optional<DataRecord> record,
      LoginResult login,
      Instant now) {
    World world = children.world();
    if (credentials.published()) {
      children.put(AppSecret.desired(world, credentials, record, now), world.appSecret());
      if (world.appSecret().isPresent()
          && Credentials.isUnpublished(world, credentials.password())) {
        deeds.add(
            EventReason.PASSWORD_PUBLISHED,
            "Another password is in Secret %s.".formatted(Names.appSecret(world.instance())));
      }
    }
    boolean lockedOut = login.findings().lockedOut().isPresent();
    children.put(
        OperatorSecret.desired(world, credentials, superuser, lockedOut), world.operatorSecret());
    if (superuser.isEmpty() && world.superuserSecret().isPresent()) {
      children.put(SuperuserSecret.givenUp(world), world.superuserSecret());
    }
    superuser
        .filter(SuperuserPassword::published)
        .ifPresent(
            password ->
                children.put(SuperuserSecret.desired(world, password), world.superuserSecret()));
  }

  private void applyServer(Optional<DataRecord> record, LoginResult login, Instant now) {
    World world = children.world();
    Findings findings = login.findings();
    OfflineGrowth growth = OfflineGrowth.of(world, now);
    troubles.addAll(StorageTrouble.of(world, findings.volume(), growth));
    Optional<ServerSettings> settings = findings.settings();
    ConfigurationPlan plan = ConfigurationPlan.of(world, settings);
    children.put(ServerConfig.desired(world, plan), world.configMap());
    ImagePlan image = ImagePlan.of(world, images, record, now);
    StatefulSet desired = growth.on(world, ServerStatefulSet.desired(world, image, record));
    children.putStatefulSet(desired);
    findings
        .superusers()
        .ifPresent(superusers -> troubles.addAll(SuperuserTrouble.of(world, superusers)));
    ImageTrouble.refused(world.instance(), image).ifPresent(troubles::add);
    settings.flatMap(s -> ImageTrouble.collations(world, s)).ifPresent(troubles::add);
    boolean askedSoon = login instanceof LoggedIn && findings.lockedOut().isEmpty();
    troubles.addAll(ConfigurationTrouble.of(world.instance(), plan, settings, askedSoon));
    settings
        .filter(server -> !server.alterSystem().isEmpty())
        .ifPresent(server -> notes.add(ConfigurationTrouble.alterSystem(server)));
    world.pod().ifPresent(pod -> applyToPod(pod, plan, findings, desired, now));
  }

  private void applyToPod(
      Pod pod, ConfigurationPlan plan, Findings findings, StatefulSet desired, Instant now) {
    World world = children.world();
    switch (Restart.of(world, pod, desired, plan, findings.settings(), now)) {
      case Restart.None none -> point(pod, plan, findings, now);
      case Restart.Waits waits -> {
        troubles.add(ConfigurationTrouble.waiting(world.instance(), waits));
        point(pod, plan, findings, now);
      }
      case Restart.Due due -> {
        if (findings.needsCheckpoint()) {
          wishes.accept(Wish.CHECKPOINT);
          point(pod, plan, findings, now);
        } else if (OfflineGrowth.isDue(world)) {
          children.putStatefulSet(new OfflineGrowth.Away(Optional.empty()).on(world, desired));
        } else {
          apply.delete(pod, due.why());
          deeds.add(
              EventReason.RESTARTING,
              "Pod %s makes room for a new one: %s."
                  .formatted(pod.getMetadata().getName(), due.why()));
        }
        if (Restart.runs(pod)) { // not said of one that was refused
          troubles.add(ConfigurationTrouble.restarting(due));
        }
      }
    }
  }

  /** Has the kubelet look at what is new for the pod. */
  private void point(Pod pod, ConfigurationPlan plan, Findings findings, Instant now) {
    Map<String, String> pointers = new TreeMap<>();
    findings
        .settings()
        .filter(s -> !s.onDisk().equals(plan.expected()))
        .ifPresent(s -> pointers.put(Labels.CONFIGURATION, plan.pointer(now)));
    DataClaim.growth(children.world(), now)
        .ifPresent(growth -> pointers.put(Labels.VOLUME_SIZE, growth));
    apply.annotate(pod, pointers);
  }
}
