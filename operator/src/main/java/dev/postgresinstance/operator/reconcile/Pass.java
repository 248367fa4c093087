package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.DeletionPolicy;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.children.AppSecret;
import dev.postgresinstance.operator.children.ConfigurationPlan;
import dev.postgresinstance.operator.children.Consent;
import dev.postgresinstance.operator.children.Credentials;
import dev.postgresinstance.operator.children.DataClaim;
import dev.postgresinstance.operator.children.DataRecord;
import dev.postgresinstance.operator.children.ImagePlan;
import dev.postgresinstance.operator.children.InstanceService;
import dev.postgresinstance.operator.children.Labels;
import dev.postgresinstance.operator.children.OperatorSecret;
import dev.postgresinstance.operator.children.PostgresImages;
import dev.postgresinstance.operator.children.Restart;
import dev.postgresinstance.operator.children.ServerConfig;
import dev.postgresinstance.operator.children.ServerStatefulSet;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.postgres.LoginResult;
import dev.postgresinstance.operator.postgres.LoginResult.LoggedIn;
import dev.postgresinstance.operator.postgres.LoginResult.Refused;
import dev.postgresinstance.operator.postgres.ServerSettings;
import dev.postgresinstance.operator.postgres.Wish;
import dev.postgresinstance.operator.status.ConfigurationTrouble;
import dev.postgresinstance.operator.status.ExternalAccess;
import dev.postgresinstance.operator.status.ImageTrouble;
import dev.postgresinstance.operator.status.InstanceStatus.Observation;
import dev.postgresinstance.operator.status.StorageTrouble;
import dev.postgresinstance.operator.status.Trouble;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Duration;
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

  private static final int UNPROCESSABLE = 422;
  private static final int FORBIDDEN = 403;

  /**
   * A pod outlives its StatefulSet only if the garbage collector has seen that it belongs to it;
   * one that was taken over a moment ago it would delete.
   */
  private static final Duration SEEN_BY_ALL = Duration.ofSeconds(10);

  private final Sources sources;
  private final Apply apply;
  private final PostgresImages images;
  private final Context<PostgresInstance> context;
  private final List<String> notes = new ArrayList<>();
  private final List<Trouble> troubles = new ArrayList<>();
  private final Consumer<Wish> wishes;
  private World world;

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
    this.context = context;
    this.world = world;
  }

  /**
   * Runs the pass, as far as it may go.
   *
   * @param login gives what came of the last login to the running server
   * @param random source of new passwords
   */
  Observation run(Supplier<LoginResult> login, Supplier<String> random) {
    LoginResult result = new LoginResult.Pending();
    try {
      Guard.strangers(world);
      result = login.get();
      if (world.paused()) {
        Guard.data(world, DataRecord.of(world)); // what is wrong is said all the same
      } else {
        applyAll(result, random);
      }
    } catch (Refusal e) {
      troubles.add(new Trouble(e.reason(), e.getMessage()));
    } catch (KubernetesClientException e) {
      if (!Refusal.isLasting(e)) {
        throw e; // tried again soon; nothing to say yet
      }
      String message = "The API server refuses: " + Refusal.words(e);
      troubles.add(new Trouble(Reason.API_ERROR, message));
    }
    return new Observation(world, result, troubles, notes);
  }

  private void applyAll(LoginResult login, Supplier<String> random) {
    Optional<DataRecord> record = record(login);
    Guard.data(world, record);
    Credentials credentials = Credentials.of(world, random);
    applyService();
    applyKept(login instanceof LoggedIn ? credentials.proven() : credentials, record, login);
    troubles.addAll(StorageTrouble.of(world, login.findings().volume()));
    applyServer(record, login.findings().settings());
    if (login instanceof Refused refused) {
      mend(refused);
    }
  }

  /**
   * Has mended what is ours to mend. What the cache has of the Secrets may be old, and would set an
   * older password back.
   */
  private void mend(Refused refused) {
    if (refused.wrongPassword() && world.secrets().allMatch(sources::isCurrent)) {
      wishes.accept(Wish.SET_PASSWORD);
    }
    if (refused.noDatabase() && Consent.recreateDatabase(world)) {
      wishes.accept(Wish.CREATE_DATABASE);
    }
  }

  private void applyServer(Optional<DataRecord> record, Optional<ServerSettings> settings) {
    ConfigurationPlan plan = ConfigurationPlan.of(world, settings);
    put(ServerConfig.desired(world, plan), world.configMap());
    ImagePlan image = ImagePlan.of(world, images, record, Instant.now());
    StatefulSet desired = ServerStatefulSet.desired(world, image, record);
    applyStatefulSet(desired);
    ImageTrouble.refused(world.instance(), image).ifPresent(troubles::add);
    settings.flatMap(s -> ImageTrouble.collations(world, s)).ifPresent(troubles::add);
    troubles.addAll(ConfigurationTrouble.of(world.instance(), plan, settings));
    settings
        .filter(server -> !server.alterSystem().isEmpty())
        .ifPresent(server -> notes.add(ConfigurationTrouble.alterSystem(server)));
    world.pod().ifPresent(pod -> applyToPod(pod, plan, settings, desired));
  }

  private void applyToPod(
      Pod pod, ConfigurationPlan plan, Optional<ServerSettings> settings, StatefulSet desired) {
    switch (Restart.of(world, pod, desired, plan, settings)) {
      case Restart.None none -> {}
      case Restart.Waits waits ->
          troubles.add(ConfigurationTrouble.waiting(world.instance(), waits));
      case Restart.Due due when settings.filter(s -> !s.checkpointed()).isPresent() ->
          wishes.accept(Wish.CHECKPOINT);
      case Restart.Due due -> {
        apply.delete(pod, due.why());
        return;
      }
    }
    Map<String, String> pointers = new TreeMap<>();
    settings
        .filter(s -> !s.onDisk().equals(plan.expected()))
        .ifPresent(s -> pointers.put(Labels.CONFIGURATION, plan.pointer(Instant.now())));
    DataClaim.growth(world, Instant.now())
        .ifPresent(growth -> pointers.put(Labels.VOLUME_SIZE, growth));
    apply.annotate(pod, pointers);
  }

  private Optional<DataRecord> record(LoginResult login) {
    return login
        .findings()
        .systemIdentifier()
        .map(id -> DataRecord.proven(world, id))
        .or(() -> DataRecord.of(world))
        .map(record -> login instanceof LoggedIn ? record.withDatabase(world) : record);
  }

  private void applyService() {
    try {
      put(InstanceService.desired(world), world.service());
    } catch (KubernetesClientException e) {
      if (e.getCode() != UNPROCESSABLE || !e.getMessage().contains("nodePort")) {
        throw e;
      }
      Optional<Integer> asked = InstanceService.requestedNodePort(world);
      troubles.add(
          ExternalAccess.nodePortUnavailable(
              world, asked, Refusal.words(e), asked.flatMap(sources::holderOf)));
      put(InstanceService.withoutNewPort(world), world.service());
    }
  }

  /**
   * Claim and Secrets. The claim is the last to be given to the resource and the first to be taken
   * from it: if the operator ends in between, the data stays.
   */
  private void applyKept(Credentials credentials, Optional<DataRecord> record, LoginResult login) {
    if (world.instance().getSpec().deletionPolicy() == DeletionPolicy.DELETE) {
      applySecrets(credentials, record, login);
      applyClaim(record);
    } else {
      applyClaim(record);
      applySecrets(credentials, record, login);
    }
  }

  private void applyClaim(Optional<DataRecord> record) {
    noteSmallerSize();
    try {
      put(DataClaim.desired(world, record), world.claim());
    } catch (KubernetesClientException e) {
      if (world.claim().isEmpty() || (e.getCode() != FORBIDDEN && e.getCode() != UNPROCESSABLE)) {
        throw e;
      }
      PersistentVolumeClaim present = DataClaim.ofPresentSize(world, record);
      troubles.add(
          StorageTrouble.refused(world.instance(), DataClaim.size(present), Refusal.words(e)));
      put(present, world.claim());
    }
  }

  private void noteSmallerSize() {
    Quantity asked = world.instance().getSpec().storage().size();
    world
        .claim()
        .map(DataClaim::size)
        .filter(size -> size.getNumericalAmount().compareTo(asked.getNumericalAmount()) > 0)
        .ifPresent(
            size ->
                notes.add(
                    "The volume keeps its size of %s, although %s is asked for: no volume shrinks."
                        .formatted(size, asked)));
  }

  private void applySecrets(
      Credentials credentials, Optional<DataRecord> record, LoginResult login) {
    if (credentials.published()) {
      put(AppSecret.desired(world, credentials, record), world.appSecret());
    }
    boolean lockedOut = login.findings().lockedOut().isPresent();
    put(OperatorSecret.desired(world, credentials, lockedOut), world.operatorSecret());
  }

  /** One that somebody made otherwise in what cannot be changed is replaced, around its pod. */
  private void applyStatefulSet(StatefulSet desired) {
    try {
      put(desired, world.statefulSet());
    } catch (KubernetesClientException e) {
      if (e.getCode() != UNPROCESSABLE
          || world.statefulSet().isEmpty()
          || !Refusal.words(e).contains("updates to statefulset spec")) {
        throw e;
      }
      if (isOlderThan(SEEN_BY_ALL, world.statefulSet().get())) {
        apply.deleteWithoutPod(world.statefulSet().get(), Refusal.words(e));
      }
      throw new Refusal(
          Reason.CREATING,
          ("StatefulSet %s was made otherwise in what cannot be changed; it is being replaced,"
                  + " and its pod goes on.")
              .formatted(desired.getMetadata().getName()));
    }
  }

  private static boolean isOlderThan(Duration age, HasMetadata child) {
    return Instant.parse(child.getMetadata().getCreationTimestamp())
        .isBefore(Instant.now().minus(age));
  }

  private <R extends HasMetadata> void put(R desired, Optional<R> actual) {
    boolean accepted = actual.filter(child -> Consent.covers(world, child)).isPresent();
    world =
        world.with(
            accepted
                ? apply.adopt(desired, actual, context)
                : apply.apply(desired, actual, context));
  }
}
