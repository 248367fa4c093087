package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Child.Fallback;
import dev.postgresinstance.operator.feature.data.UserConsent;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.ObjectKey.Lifetime;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.ApiErrors;
import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ActionLog;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.ProblemLog;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

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
  private final Set<ObjectKey<?>> rejected = new HashSet<>();
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
   * Whether all of these children exist, and the API server has accepted the desired state of each.
   */
  boolean isWritten(ObjectKey<?>... keys) {
    return Stream.of(keys)
        .allMatch(key -> snapshot.get(key).isPresent() && !rejected.contains(key));
  }

  /** Whether all of these children exist, in their desired or in an earlier state. */
  boolean exists(ObjectKey<?>... keys) {
    return Stream.of(keys).allMatch(key -> snapshot.get(key).isPresent());
  }

  /**
   * Writes a child, or its fallback if the API server rejects it. If it rejects both, that is a
   * problem, and what does not depend on the child is written all the same.
   *
   * @throws Abort when the child may not be written, is being replaced, or is missing in a new
   *     instance
   * @throws KubernetesClientException when a retry may succeed
   */
  <T extends HasMetadata> void write(Child<T> child) {
    try {
      writeOrFallBack(child);
    } catch (KubernetesClientException e) {
      if (!ApiErrors.isPermanent(e)) {
        throw e;
      }
      reject(
          child,
          ApiProblems.rejected(snapshot.instance(), child.desired(), ApiErrors.rejection(e)));
    } catch (Abort e) {
      if (e.problem().reason() != Reason.MISSING_RIGHT) {
        throw e;
      }
      reject(child, e.problem());
    }
  }

  private <T extends HasMetadata> void writeOrFallBack(Child<T> child) {
    try {
      write(child, child.desired());
      child.action().ifPresent(message -> actions.add(message));
    } catch (KubernetesClientException e) {
      Fallback<T> fallback = child.onRejection().apply(ApiErrors.rejection(e)).orElseThrow(() -> e);
      switch (fallback) {
        case Fallback.UseInstead<T> other -> {
          problems.add(other.problem());
          write(child, other.desired());
        }
        case Fallback.Leave<T> leave -> problems.add(leave.problem());
        case Fallback.Replace<T> replace -> replace(child, ApiErrors.message(e));
      }
    }
  }

  /** A new instance waits for each of its children in turn; nothing depends on it yet. */
  private void reject(Child<?> child, Problem problem) {
    if (!exists(child.key()) && !exists(ObjectKey.STATEFUL_SET)) {
      throw new Abort(problem);
    }
    problems.add(problem);
    rejected.add(child.key());
  }

  /**
   * The children that hold data and passwords get and lose their owner in a fixed order, so that
   * the data is not deleted without them: after a rejection, the others keep the owner they have.
   */
  private <T extends HasMetadata> T withOwnerInOrder(Child<T> child, T desired) {
    boolean mustWait =
        child.key().lifetime() == Lifetime.RETAINED
            && rejected.stream().anyMatch(key -> key.lifetime() == Lifetime.RETAINED);
    return snapshot
        .get(child.key())
        .filter(actual -> mustWait)
        .map(actual -> ConditionalApply.withPresentOwners(desired, actual))
        .orElse(desired);
  }

  private <T extends HasMetadata> void write(Child<T> child, T wanted) {
    T desired = withOwnerInOrder(child, wanted);
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
