package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The status with all features, for tests of one of them. */
public final class Statuses {

  private static final List<Feature> FEATURES =
      Features.of(PostgresImages.DEFAULT, Optional.of("operator:1")).all();

  private static final Set<String> SUMMARIZED =
      Set.of("Ready", "Available", "Stalled", "Reconciling");

  private Statuses() {}

  /** The status for an observation. */
  public static PostgresInstanceStatus of(Observation observation, Instant now) {
    return InstanceStatus.of(observation, FEATURES, now);
  }

  /** The status after a reconciliation that found no problem of its own. */
  public static PostgresInstanceStatus of(Snapshot snapshot, LoginResult login, Instant now) {
    return of(new Observation(snapshot, login, List.of(), List.of()), now);
  }

  /** The status after a reconciliation in which that feature reported what it found. */
  public static PostgresInstanceStatus assessed(
      Feature feature, Snapshot snapshot, LoginResult login) {
    ProblemLog log = new ProblemLog();
    feature.assess(ReconcileInputs.of(snapshot, login), log);
    return of(new Observation(snapshot, login, log.problems(), log.notes()), Pods.NOW);
  }

  /** The observed snapshot after the status for the observation was written. */
  public static Snapshot written(Observation observation, Instant now) {
    return Snapshots.withStatus(observation.snapshot(), of(observation, now));
  }

  /** As {@link #written(Observation, Instant)}, where the reconciliation found no problem. */
  public static Snapshot written(Snapshot snapshot, LoginResult login, Instant now) {
    return Snapshots.withStatus(snapshot, of(snapshot, login, now));
  }

  /** The condition Ready. */
  public static Condition ready(PostgresInstanceStatus status) {
    return status.condition(ConditionType.READY).orElseThrow();
  }

  /** Whether the condition of that type is True. */
  public static boolean isTrue(PostgresInstanceStatus status, ConditionType type) {
    return status
        .condition(type)
        .filter(condition -> "True".equals(condition.getStatus()))
        .isPresent();
  }

  /** Type, status and reason of the conditions that sum up an instance. */
  public static List<String> summary(PostgresInstanceStatus status) {
    return status.conditions().stream()
        .filter(condition -> SUMMARIZED.contains(condition.getType()))
        .map(c -> "%s %s %s".formatted(c.getType(), c.getStatus(), c.getReason()))
        .toList();
  }
}
