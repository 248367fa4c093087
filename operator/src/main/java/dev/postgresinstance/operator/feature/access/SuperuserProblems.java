package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.SuperuserAccess.Open;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.PsqlCommand;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rejection;
import dev.postgresinstance.operator.sql.SqlText;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Problems of the server's superusers. */
final class SuperuserProblems {

  /** At most this many superusers are named. */
  private static final int MAX_NAMES = 10;

  private SuperuserProblems() {}

  /** The problems. */
  static List<Problem> of(Snapshot snapshot, SuperuserFindings superusers) {
    PostgresInstance instance = snapshot.instance();
    List<Problem> problems = new ArrayList<>();
    if (!superusers.others().isEmpty()) {
      problems.add(others(instance, superusers.others()));
    }
    Optional<String> rejection = superusers.rejection();
    boolean isSettled =
        snapshot.superuserAccess()
            ? superusers.access() instanceof Open && rejection.isEmpty()
            : superusers.isKeptOut();
    if (snapshot.superuserAccess() && rejection.isPresent()) {
      problems.add(
          new Problem(
              Reason.SUPERUSER_REFUSED,
              "The superuser %s cannot log in with the password of Secret %s: %s"
                  .formatted(Names.SUPERUSER, Names.superuserSecret(instance), rejection.get())));
    } else if (!isSettled && !snapshot.previousStatus().wasReady()) {
      problems.add(
          new Problem(
              Reason.CONFIGURING,
              snapshot.superuserAccess()
                  ? "Superuser access over the network is being opened."
                  : "The operator checks that superuser access over the network is closed."));
    }
    return problems;
  }

  /** A new password cannot be published. */
  static Problem rejected(PostgresInstance instance, Secret secret, Rejection rejection) {
    return ApiProblems.rejected(instance, secret, rejection)
        .precededBy(
            "The operator sets no password for the superuser, because the API server would reject Secret %s."
                .formatted(Names.superuserSecret(instance)));
  }

  private static Problem others(PostgresInstance instance, List<String> names) {
    List<String> quoted = names.stream().limit(MAX_NAMES).map(SqlText::identifier).toList();
    return new Problem(
        ConditionType.OTHER_SUPERUSERS,
        Reason.SUPERUSERS_FOUND,
        "The server has other superusers: %s%s. spec.superuserAccess does not keep them out. To remove the attribute: %s"
            .formatted(
                String.join(", ", quoted),
                names.size() > MAX_NAMES ? " and %d more".formatted(names.size() - MAX_NAMES) : "",
                PsqlCommand.of(
                    instance, "ALTER ROLE %s NOSUPERUSER".formatted(quoted.getFirst()))));
  }
}
