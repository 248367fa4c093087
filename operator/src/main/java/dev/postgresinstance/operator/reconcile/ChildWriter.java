package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.children.Consent;
import dev.postgresinstance.operator.children.DataClaim;
import dev.postgresinstance.operator.children.DataRecord;
import dev.postgresinstance.operator.children.Identity;
import dev.postgresinstance.operator.children.InstanceService;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.status.ExternalAccess;
import dev.postgresinstance.operator.status.Right;
import dev.postgresinstance.operator.status.StorageTrouble;
import dev.postgresinstance.operator.status.Trouble;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** Writes the children in one pass, and does what can be done where the API server refuses one. */
final class ChildWriter {

  private static final int UNPROCESSABLE = 422;
  private static final int FORBIDDEN = 403;

  /**
   * A pod outlives its StatefulSet only if the garbage collector has seen that it belongs to it;
   * one that was taken over a moment ago it would delete.
   */
  private static final Duration SEEN_BY_ALL = Duration.ofSeconds(10);

  private final Sources sources;
  private final Apply apply;
  private final Context<PostgresInstance> context;
  private final Consumer<Trouble> troubles;
  private final Deeds deeds;
  private World world;

  /**
   * A writer for one pass.
   *
   * @param world as it is before
   * @param troubles takes what the API server refuses
   * @param deeds takes what is done
   */
  ChildWriter(
      Sources sources,
      Apply apply,
      Context<PostgresInstance> context,
      World world,
      Consumer<Trouble> troubles,
      Deeds deeds) {
    this.sources = sources;
    this.apply = apply;
    this.context = context;
    this.world = world;
    this.troubles = troubles;
    this.deeds = deeds;
  }

  /** The world as it is after what was written so far. */
  World world() {
    return world;
  }

  /** The Service; without a port that cannot be had. */
  void putService() {
    try {
      put(InstanceService.desired(world), world.service());
    } catch (KubernetesClientException e) {
      if (e.getCode() != UNPROCESSABLE || !e.getMessage().contains("nodePort")) {
        throw e;
      }
      Optional<Integer> asked = InstanceService.requestedNodePort(world);
      troubles.accept(
          ExternalAccess.nodePortUnavailable(
              world, asked, Refusal.words(e), asked.flatMap(sources::holderOf)));
      put(InstanceService.withoutNewPort(world), world.service());
    }
  }

  /** The claim; at the size it has, where it cannot grow. */
  void putClaim(Optional<DataRecord> record) {
    try {
      put(DataClaim.desired(world, record), world.claim());
    } catch (KubernetesClientException e) {
      if (world.claim().isEmpty()
          || Right.missing(Refusal.words(e)).isPresent()
          || (e.getCode() != FORBIDDEN && e.getCode() != UNPROCESSABLE)) {
        throw e;
      }
      PersistentVolumeClaim present = DataClaim.ofPresentSize(world, record);
      troubles.accept(
          StorageTrouble.refused(world.instance(), DataClaim.size(present), Refusal.words(e)));
      put(present, world.claim());
    }
  }

  /** One that somebody made otherwise in what cannot be changed is replaced, around its pod. */
  void putStatefulSet(StatefulSet desired) {
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
        deeds.add(
            EventReason.REPLACED,
            "StatefulSet %s is replaced around its pod: %s"
                .formatted(desired.getMetadata().getName(), Refusal.words(e)));
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

  /** Any other child. */
  <R extends HasMetadata> void put(R desired, Optional<R> actual) {
    boolean accepted = actual.filter(child -> Consent.covers(world, child)).isPresent();
    R result =
        accepted ? apply.adopt(desired, actual, context) : apply.apply(desired, actual, context);
    world = world.with(result);
    if (actual.isEmpty()) {
      deeds.created(result);
    } else if (!Identity.of(actual.get()).equals(Identity.of(result))) {
      deeds.add(
          EventReason.ADOPTED,
          "%s %s was taken over, as annotation %s asks for."
              .formatted(result.getKind(), result.getMetadata().getName(), Consent.ADOPT));
    }
  }
}
