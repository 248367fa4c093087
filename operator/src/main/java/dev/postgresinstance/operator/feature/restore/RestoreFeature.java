package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.image.ImageFeature;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.report.StatusBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Creates the data of an instance with {@code spec.source} from a backup.
 *
 * @param image decides the image of the server, which also recovers the data
 * @param operatorImage the image of the operator, which has the program that reads the archive;
 *     empty when it is not known, and nothing can be restored
 */
public record RestoreFeature(ImageFeature image, Optional<String> operatorImage)
    implements Feature {

  @Override
  public void assess(ReconcileInput input, ProblemLog log) {
    log.add(plan(input).problem());
  }

  @Override
  public List<Deletion> deletions(ReconcileInput input) {
    return plan(input).delete().stream()
        .flatMap(
            why ->
                input.snapshot().get(ObjectKey.RESTORE_JOB).stream()
                    .map(job -> new Deletion(job, why)))
        .toList();
  }

  @Override
  public List<Child<?>> children(WritePhase phase, ReconcileInput input) {
    return phase == WritePhase.RESTORE
        ? plan(input).create().stream()
            .<Child<?>>map(job -> Child.of(ObjectKey.RESTORE_JOB, job))
            .toList()
        : List.of();
  }

  private JobPlan plan(ReconcileInput input) {
    return JobPlan.of(input, image.plan(input).image(), operatorImage);
  }

  /** Why there is no data yet. */
  @Override
  public void report(Observation observation, Instant now, StatusBuilder status) {
    if (Restore.isPending(observation.snapshot())) {
      status.down().ifPresent(problem -> status.failed(ConditionType.INITIALIZED, problem));
    }
  }
}
