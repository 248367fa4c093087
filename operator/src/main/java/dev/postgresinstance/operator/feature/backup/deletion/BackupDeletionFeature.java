package dev.postgresinstance.operator.feature.backup.deletion;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.report.EventMessage;
import dev.postgresinstance.operator.report.ProblemLog;
import java.util.List;
import java.util.Optional;

/**
 * Deletes backups from the store whose PostgresBackups are gone.
 *
 * @param operatorImage the image of the operator, which has the program that deletes them; empty
 *     when it is not known, and nothing is deleted
 */
public record BackupDeletionFeature(Optional<String> operatorImage) implements Feature {

  @Override
  public void assess(ReconcileInput input, ProblemLog log) {
    log.note(plan(input).note());
  }

  @Override
  public List<Deletion> deletions(ReconcileInput input) {
    return plan(input).delete().stream()
        .flatMap(
            why ->
                input.snapshot().get(ObjectKey.BACKUP_DELETION_JOB).stream()
                    .map(job -> new Deletion(job, why)))
        .toList();
  }

  @Override
  public List<Child<?>> children(WritePhase phase, ReconcileInput input) {
    if (phase != WritePhase.BACKUP) {
      return List.of();
    }
    return plan(input).create().stream()
        .<Child<?>>map(
            job ->
                Child.of(ObjectKey.BACKUP_DELETION_JOB, job)
                    .reporting(
                        Optional.of(
                            EventMessage.action(
                                EventReason.BACKUP_DELETION_STARTED,
                                "Deleting from the store, because their PostgresBackups are gone: %s."
                                    .formatted(DeletionPlan.words(job))))))
        .toList();
  }

  private DeletionPlan plan(ReconcileInput input) {
    return DeletionPlan.of(input.snapshot(), operatorImage, input.now());
  }
}
