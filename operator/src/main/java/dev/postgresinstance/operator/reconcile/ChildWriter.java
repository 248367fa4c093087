package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.data.UserConsent;
import dev.postgresinstance.operator.feature.network.ExternalAccess;
import dev.postgresinstance.operator.feature.network.InstanceService;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.feature.storage.StorageProblems;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.kubernetes.Informers;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ActionLog;
import dev.postgresinstance.operator.report.Permission;
import dev.postgresinstance.operator.report.Problem;
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

  private final Informers sources;
  private final ConditionalApply apply;
  private final Context<PostgresInstance> context;
  private final Consumer<Problem> problems;
  private final ActionLog actions;
  private Snapshot snapshot;

  /**
   * A writer for one pass.
   *
   * @param snapshot as it is before
   * @param problems takes what the API server refuses
   * @param actions takes what is done
   */
  ChildWriter(
      Informers sources,
      ConditionalApply apply,
      Context<PostgresInstance> context,
      Snapshot snapshot,
      Consumer<Problem> problems,
      ActionLog actions) {
    this.sources = sources;
    this.apply = apply;
    this.context = context;
    this.snapshot = snapshot;
    this.problems = problems;
    this.actions = actions;
  }

  /** The world as it is after what was written so far. */
  Snapshot snapshot() {
    return snapshot;
  }

  /** The Service; without a port that cannot be had. */
  void putService() {
    try {
      put(InstanceService.desired(snapshot), snapshot.service());
    } catch (KubernetesClientException e) {
      if (e.getCode() != UNPROCESSABLE || !e.getMessage().contains("nodePort")) {
        throw e;
      }
      Optional<Integer> asked = InstanceService.requestedNodePort(snapshot);
      problems.accept(
          ExternalAccess.nodePortUnavailable(
              snapshot, asked, Abort.words(e), asked.flatMap(sources::holderOf)));
      put(InstanceService.withoutNewPort(snapshot), snapshot.service());
    }
  }

  /** The claim; at the size it has, where it cannot grow. */
  void putClaim(Optional<DataRecord> record) {
    try {
      put(DataClaim.desired(snapshot, record), snapshot.claim());
    } catch (KubernetesClientException e) {
      if (snapshot.claim().isEmpty()
          || Permission.missing(Abort.words(e)).isPresent()
          || (e.getCode() != FORBIDDEN && e.getCode() != UNPROCESSABLE)) {
        throw e;
      }
      PersistentVolumeClaim present = DataClaim.ofPresentSize(snapshot, record);
      problems.accept(
          StorageProblems.refused(snapshot.instance(), DataClaim.size(present), Abort.words(e)));
      put(present, snapshot.claim());
    }
  }

  /** One that somebody made otherwise in what cannot be changed is replaced, around its pod. */
  void putStatefulSet(StatefulSet desired) {
    try {
      put(desired, snapshot.statefulSet());
    } catch (KubernetesClientException e) {
      if (e.getCode() != UNPROCESSABLE
          || snapshot.statefulSet().isEmpty()
          || !Abort.words(e).contains("updates to statefulset spec")) {
        throw e;
      }
      if (isOlderThan(SEEN_BY_ALL, snapshot.statefulSet().get())) {
        apply.deleteWithoutPod(snapshot.statefulSet().get(), Abort.words(e));
        actions.add(
            EventReason.REPLACED,
            "StatefulSet %s is replaced around its pod: %s"
                .formatted(desired.getMetadata().getName(), Abort.words(e)));
      }
      throw new Abort(
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
    boolean accepted = actual.filter(child -> UserConsent.covers(snapshot, child)).isPresent();
    R result =
        accepted ? apply.adopt(desired, actual, context) : apply.apply(desired, actual, context);
    snapshot = snapshot.with(result);
    if (actual.isEmpty()) {
      actions.created(result);
    } else if (!Identity.of(actual.get()).equals(Identity.of(result))) {
      actions.add(
          EventReason.ADOPTED,
          "%s %s was taken over, as annotation %s asks for."
              .formatted(result.getKind(), result.getMetadata().getName(), UserConsent.ADOPT));
    }
  }
}
