package dev.postgresinstance.operator.feature.image;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.image.CollationTask.OutdatedDatabases;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.PsqlCommand;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.SqlText;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Problems of the image. */
final class ImageProblems {

  /** At most this many databases are named, so that the status has room for the command. */
  private static final int MAX_NAMES = 10;

  private ImageProblems() {}

  /** The requested image does not work. */
  static Optional<Problem> refused(PostgresInstance instance, ImagePlan plan) {
    return plan.refusal()
        .map(
            refusal ->
                new Problem(
                    Reason.IMAGE_REFUSED,
                    "The image %s does not work: %s. Instead, the operator uses the last image that worked, %s. Set spec.image to an image that works. To try the same image again: %s"
                        .formatted(
                            plan.requested(),
                            refusal.message(),
                            plan.image(),
                            KubectlCommand.annotateWithDate(instance, Labels.RESTART))));
  }

  /** The image sorts texts differently from the image with which indexes were built. */
  static Optional<Problem> collations(PostgresInstance instance, OutdatedDatabases databases) {
    return databases.names().stream()
        .findFirst()
        .map(
            first ->
                new Problem(
                    ConditionType.DATA_AT_RISK,
                    Reason.COLLATION_VERSION_MISMATCH,
                    "The image sorts texts differently from the image with which these databases were created: %s. Queries that use an index may miss rows until each database is reindexed: %s"
                        .formatted(list(databases.names()), reindex(instance, first))));
  }

  private static String list(List<String> names) {
    String more =
        names.size() > MAX_NAMES ? " and %d more".formatted(names.size() - MAX_NAMES) : "";
    return names.stream().limit(MAX_NAMES).collect(Collectors.joining(", ", "", more));
  }

  private static String reindex(PostgresInstance instance, String database) {
    String name = SqlText.identifier(database);
    return PsqlCommand.in(instance, database)
        + PsqlCommand.argument("REINDEX DATABASE " + name)
        + PsqlCommand.argument("ALTER DATABASE %s REFRESH COLLATION VERSION".formatted(name));
  }
}
