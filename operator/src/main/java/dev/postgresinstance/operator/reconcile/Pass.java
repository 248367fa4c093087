package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.children.AppSecret;
import dev.postgresinstance.operator.children.Credentials;
import dev.postgresinstance.operator.children.DataClaim;
import dev.postgresinstance.operator.children.DataRecord;
import dev.postgresinstance.operator.children.Identity;
import dev.postgresinstance.operator.children.InstanceService;
import dev.postgresinstance.operator.children.Names;
import dev.postgresinstance.operator.children.OperatorSecret;
import dev.postgresinstance.operator.children.PostgresImages;
import dev.postgresinstance.operator.children.ServerConfig;
import dev.postgresinstance.operator.children.ServerStatefulSet;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.postgres.LoginResult;
import dev.postgresinstance.operator.postgres.LoginResult.LoggedIn;
import dev.postgresinstance.operator.status.InstanceStatus.Observation;
import dev.postgresinstance.operator.status.Trouble;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One pass over one instance: brings the children to what they should be, in the order in which one
 * needs the other. The Service is first, so that the port is known; the claim and the published
 * Secret record it with the data.
 */
final class Pass {

  private static final int UNPROCESSABLE = 422;
  private static final int FORBIDDEN = 403;

  private final Apply apply;
  private final PostgresImages images;
  private final Context<PostgresInstance> context;
  private final List<String> notes = new ArrayList<>();
  private Optional<Trouble> trouble = Optional.empty();
  private World world;

  Pass(Apply apply, PostgresImages images, Context<PostgresInstance> context, World world) {
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
      refuseStrangers();
      result = login.get();
      applyAll(result, random);
    } catch (Refusal e) {
      trouble = Optional.of(new Trouble(e.reason(), e.getMessage()));
    } catch (KubernetesClientException e) {
      if (!Refusal.isLasting(e)) {
        throw e; // tried again soon; nothing to say yet
      }
      String message = "The API server refuses: " + Refusal.words(e);
      trouble = Optional.of(new Trouble(Reason.API_ERROR, message));
    }
    return new Observation(world, result, trouble, notes);
  }

  private void applyAll(LoginResult login, Supplier<String> random) {
    Optional<DataRecord> record = record(login);
    guardData(record);
    Credentials credentials = Credentials.of(world, random);
    applyService();
    applyClaim(record);
    applySecrets(login instanceof LoggedIn ? credentials.proven() : credentials, record);
    put(ServerConfig.desired(world), world.configMap());
    StatefulSet desired = ServerStatefulSet.desired(world, images, record);
    put(desired, world.statefulSet());
    world
        .pod()
        .ifPresent(
            pod ->
                ServerStatefulSet.restart(pod, desired).ifPresent(why -> apply.delete(pod, why)));
  }

  /** A pass reads and writes only what belongs to its own instance. */
  private void refuseStrangers() {
    String identity = Identity.of(world);
    world.children().forEach(child -> Apply.refuseStranger(child, identity));
  }

  private Optional<DataRecord> record(LoginResult login) {
    Optional<DataRecord> known = DataRecord.of(world);
    if (known.isPresent() || !(login instanceof LoggedIn in)) {
      return known;
    }
    PostgresInstanceSpec spec = world.instance().getSpec();
    return in.systemIdentifier()
        .map(id -> new DataRecord(id, spec.version(), spec.database(), spec.username()));
  }

  private void guardData(Optional<DataRecord> record) {
    if (world.claim().filter(c -> c.getMetadata().getDeletionTimestamp() != null).isPresent()) {
      String claim = Names.claim(world.instance());
      throw new Refusal(
          Reason.CLAIM_TERMINATING,
          ("Claim %s is being deleted; only the running pod holds the volume, and the operator does"
                  + " not end it. To save the data, set the reclaim policy of its persistent volume"
                  + " to Retain, or take a dump, before the pod ends.")
              .formatted(claim));
    }
    record
        .flatMap(data -> data.mismatch(world))
        .ifPresent(
            difference -> {
              throw new Refusal(Reason.SPEC_DOES_NOT_MATCH_DATA, difference);
            });
  }

  private void applyService() {
    try {
      put(InstanceService.desired(world), world.service());
    } catch (KubernetesClientException e) {
      if (e.getCode() != UNPROCESSABLE || !e.getMessage().contains("nodePort")) {
        throw e;
      }
      trouble = Optional.of(nodePortUnavailable(e));
      if (world.service().isEmpty()) {
        put(InstanceService.insideOnly(world), world.service());
      }
    }
  }

  private Trouble nodePortUnavailable(KubernetesClientException e) {
    String port = InstanceService.requestedNodePort(world).map(p -> p + " ").orElse("");
    return new Trouble(
        Reason.NODE_PORT_UNAVAILABLE,
        "Node port %scannot be had: %s. It is asked for again every few seconds; no other is taken."
            .formatted(port, Refusal.words(e)));
  }

  private void applyClaim(Optional<DataRecord> record) {
    try {
      put(DataClaim.desired(world, record), world.claim());
    } catch (KubernetesClientException e) {
      if (world.claim().isEmpty() || (e.getCode() != FORBIDDEN && e.getCode() != UNPROCESSABLE)) {
        throw e;
      }
      PersistentVolumeClaim present = DataClaim.ofPresentSize(world, record);
      notes.add(
          "The volume keeps its size of %s, %s was asked for: %s."
              .formatted(
                  DataClaim.size(present),
                  world.instance().getSpec().storage().size(),
                  Refusal.words(e)));
      put(present, world.claim());
    }
  }

  private void applySecrets(Credentials credentials, Optional<DataRecord> record) {
    if (credentials.published()) {
      put(AppSecret.desired(world, credentials, record), world.appSecret());
    }
    put(OperatorSecret.desired(world, credentials), world.operatorSecret());
  }

  private <R extends HasMetadata> void put(R desired, Optional<R> actual) {
    world = world.with(apply.apply(desired, actual, context));
  }
}
