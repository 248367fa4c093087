package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Child.Fallback;
import dev.postgresinstance.operator.feature.data.UserConsent;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.ApiErrors;
import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ActionLog;
import dev.postgresinstance.operator.report.ProblemLog;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Writes the children of one reconciliation, and falls back where the API server rejects one. */
final class ChildWriter {

  /**
   * A pod outlives the deletion of its StatefulSet only if the garbage collector has seen that the
   * pod belongs to it; a pod that was adopted a moment ago would be deleted.
   */
  private static final Duration SEEN_BY_GARBAGE_COLLECTOR = Duration.ofSeconds(10);

  private final ConditionalApply apply;
  private final Context<PostgresInstance> context;
  private final ProblemLog problems;
  private final ActionLog actions;
  private Snapshot snapshot;
  private boolean hasWritten;

  /**
   * Creates the writer of one reconciliation.
   *
   * @param problems receives the problem of each child that was written by its fallback
   * @param actions receives what was created, adopted and replaced
   */
  ChildWriter(
      ConditionalApply apply,
      Context<PostgresInstance> context,
      Snapshot snapshot,
      ProblemLog problems,
      ActionLog actions) {
    this.apply = apply;
    this.context = context;
    this.snapshot = snapshot;
    this.problems = problems;
    this.actions = actions;
  }

  /** The snapshot including everything that was written so far. */
  Snapshot snapshot() {
    return snapshot;
  }

  /** Whether any object is different now. */
  boolean hasWritten() {
    return hasWritten;
  }

  /**
   * Writes a child, or its fallback if the API server rejects it.
   *
   * @throws Abort when the child may not be written, or is being replaced
   * @throws KubernetesClientException when the API server rejects a child without a fallback
   */
  <T extends HasMetadata> void write(Child<T> child) {
    try {
      write(child, child.desired());
    } catch (KubernetesClientException e) {
      Fallback<T> fallback = child.onRejection().apply(ApiErrors.rejection(e)).orElseThrow(() -> e);
      switch (fallback) {
        case Fallback.UseInstead<T> other -> {
          problems.add(other.problem());
          write(child, other.desired());
        }
        case Fallback.Replace<T> replace -> replace(child, ApiErrors.message(e));
      }
    }
    child.action().ifPresent(message -> actions.add(message));
  }

  private <T extends HasMetadata> void write(Child<T> child, T desired) {
    Optional<T> actual = snapshot.get(child.key());
    boolean isAccepted = actual.filter(found -> UserConsent.covers(snapshot, found)).isPresent();
    T result =
        isAccepted ? apply.adopt(desired, actual, context) : apply.apply(desired, actual, context);
    snapshot = snapshot.with(result);
    hasWritten |= !version(result).equals(actual.map(ChildWriter::version).orElse(""));
    if (actual.isEmpty()) {
      actions.created(result);
    } else if (!Identity.of(actual.get()).equals(Identity.of(result))) {
      actions.add(
          EventReason.ADOPTED,
          "Adopted %s %s, as the annotation %s requests."
              .formatted(result.getKind(), result.getMetadata().getName(), Labels.ADOPT));
    }
  }

  private static String version(HasMetadata object) {
    return object.getMetadata().getResourceVersion();
  }

  /** An immutable field differs: deletes the object without its pod, and creates it again later. */
  private <T extends HasMetadata> void replace(Child<T> child, String message) {
    String name = child.desired().getMetadata().getName();
    snapshot
        .get(child.key())
        .filter(actual -> isOlderThan(SEEN_BY_GARBAGE_COLLECTOR, actual))
        .map(StatefulSet.class::cast)
        .ifPresent(
            actual -> {
              apply.deleteWithoutPod(actual, message);
              actions.add(
                  EventReason.REPLACED,
                  "Replacing StatefulSet %s without stopping its pod: %s".formatted(name, message));
            });
    throw new Abort(
        Reason.CREATING,
        ("Immutable fields of StatefulSet %s were changed; it is being replaced, and its pod keeps"
                + " running.")
            .formatted(name));
  }

  private static boolean isOlderThan(Duration age, HasMetadata object) {
    return Instant.parse(object.getMetadata().getCreationTimestamp())
        .isBefore(Instant.now().minus(age));
  }
}
