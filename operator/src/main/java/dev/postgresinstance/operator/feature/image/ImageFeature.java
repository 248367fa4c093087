package dev.postgresinstance.operator.feature.image;

import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.sql.SessionTask;
import java.util.List;

/**
 * Which image the server runs, and whether it fits the data.
 *
 * @param images the image for each major version where the spec names none
 */
public record ImageFeature(PostgresImages images) implements Feature {

  /** Which image the next pod has. */
  public ImagePlan plan(ReconcileInput input) {
    return ImagePlan.of(
        input.snapshot(), images, DataRecord.after(input.atStart(), input.login()), input.now());
  }

  @Override
  public List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return List.of(new CollationTask());
  }

  @Override
  public void assess(ReconcileInput input, ProblemLog log) {
    log.add(ImageProblems.refused(input.snapshot().instance(), plan(input)));
    log.add(
        input
            .findings()
            .get(CollationTask.OUTDATED_DATABASES)
            .flatMap(found -> ImageProblems.collations(input.snapshot().instance(), found)));
  }
}
