package dev.postgresinstance.operator.feature;

import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.SessionRequest;
import dev.postgresinstance.operator.sql.SessionTask;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One capability of the operator: what it creates, what it does in the database, what it reports. A
 * feature has no state; each method is a pure function of its arguments. For each method the
 * reconciler calls the features of an explicit list, in this order: session tasks, preflight, the
 * children up to the Secrets, {@link #assess}, the requests for the next session, the ConfigMap and
 * the StatefulSet, the pod's annotations; then problems and status.
 */
public interface Feature {

  /**
   * What the feature asks or does in each session of the operator's own role.
   *
   * @param snapshot of an instance whose server runs
   */
  default List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return List.of();
  }

  /**
   * Checks whether the reconciliation may write anything. Also called while the instance is paused.
   *
   * @throws Abort with what is wrong; nothing is written then
   */
  default void preflight(ReconcileInput input) {}

  /** The children of the feature in that phase, in the order in which they are written. */
  default List<Child<?>> children(WritePhase phase, ReconcileInput input) {
    return List.of();
  }

  /**
   * Finds problems and notes. Called when Service, claim and Secrets are written, and before the
   * configuration is.
   */
  default void assess(ReconcileInput input, ProblemLog log) {}

  /**
   * An object to delete, together with its pods.
   *
   * @param object exactly the object that was read
   * @param why part of a sentence, for the log
   */
  record Deletion(HasMetadata object, String why) {}

  /**
   * Objects of the feature that have to be deleted and created again. Called when the ConfigMap is
   * written; the deletion starts the reconciliation that creates them.
   */
  default List<Deletion> deletions(ReconcileInput input) {
    return List.of();
  }

  /** What the next session with the database does once. Called after {@link #assess}. */
  default Set<SessionRequest> requests(ReconcileInput input) {
    return Set.of();
  }

  /**
   * Annotations of the running pod. A changed annotation makes the kubelet look at once at what the
   * pod mounts, instead of within a minute or two.
   */
  default Map<String, String> podAnnotations(ReconcileInput input) {
    return Map.of();
  }

  /** Problems that only the whole observation shows, once everything is written. */
  default List<Problem> problems(Observation observation, Instant now) {
    return List.of();
  }

  /** Sets the conditions and fields of the status that belong to the feature. */
  default void report(Observation observation, Instant now, StatusBuilder status) {}
}
