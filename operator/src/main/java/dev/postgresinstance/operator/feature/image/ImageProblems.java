package dev.postgresinstance.operator.feature.image;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.configuration.ServerSettings;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import java.util.Optional;

/** What is to be said of the image. */
public final class ImageProblems {

  private ImageProblems() {}

  /** That the one asked for does not work. */
  public static Optional<Problem> refused(PostgresInstance instance, ImagePlan plan) {
    return plan.refused()
        .map(
            refused ->
                new Problem(
                    Reason.IMAGE_REFUSED,
                    "The image %s does not work: %s. The server has the last one that did, %s. Set spec.image to one that works; to have the same tried again: kubectl annotate pgi %s %s=\"$(date)\" --overwrite"
                        .formatted(
                            plan.asked(),
                            refused.words(),
                            plan.image(),
                            instance.getMetadata().getName(),
                            Labels.RESTART)));
  }

  /** That its library sorts texts otherwise than the one with which indexes were made. */
  public static Optional<Problem> collations(Snapshot snapshot, ServerSettings settings) {
    return settings.otherCollation().stream()
        .findFirst()
        .map(
            first ->
                new Problem(
                    ConditionType.DATA_AT_RISK,
                    Reason.COLLATION_VERSION_MISMATCH,
                    "The image sorts texts otherwise than the one with which these databases were made: %s. Queries by their indexes may miss rows until each database is indexed anew: kubectl exec %s -- psql -U postgres -d %s -c 'REINDEX DATABASE \"%s\"' -c 'ALTER DATABASE \"%s\" REFRESH COLLATION VERSION'"
                        .formatted(
                            String.join(", ", settings.otherCollation()),
                            Names.pod(snapshot.instance()),
                            first,
                            first,
                            first)));
  }
}
