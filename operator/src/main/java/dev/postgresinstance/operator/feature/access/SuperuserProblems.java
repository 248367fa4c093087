package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.SuperuserAccess.Open;
import dev.postgresinstance.operator.feature.configuration.ConfigurationProblems;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is to be said of the server's superusers. */
public final class SuperuserProblems {

  /** So many are named. */
  private static final int NAMED = 10;

  private SuperuserProblems() {}

  /** What is not as it should be. */
  public static List<Problem> of(Snapshot snapshot, SuperuserFindings superusers) {
    PostgresInstance instance = snapshot.instance();
    List<Problem> problems = new ArrayList<>();
    if (!superusers.others().isEmpty()) {
      problems.add(others(instance, superusers.others()));
    }
    Optional<String> refusal = superusers.refusal();
    boolean settled =
        snapshot.superuserAccess()
            ? superusers.access() instanceof Open && refusal.isEmpty()
            : superusers.keptOut();
    if (snapshot.superuserAccess() && refusal.isPresent()) {
      problems.add(
          new Problem(
              Reason.SUPERUSER_REFUSED,
              "The superuser %s does not get in with the password of Secret %s: %s"
                  .formatted(Names.SUPERUSER, Names.superuserSecret(instance), refusal.get())));
    } else if (!settled && !ConfigurationProblems.wasReady(instance)) {
      problems.add(
          new Problem(
              Reason.CONFIGURING,
              snapshot.superuserAccess()
                  ? "The superuser is about to be let in over the network."
                  : "The superuser is about to be shut out from the network."));
    }
    return problems;
  }

  private static Problem others(PostgresInstance instance, List<String> names) {
    List<String> quoted = names.stream().limit(NAMED).map(LoginProblems::quoted).toList();
    return new Problem(
        ConditionType.OTHER_SUPERUSERS,
        Reason.SUPERUSERS_FOUND,
        "Somebody has made superusers: %s%s. spec.superuserAccess does not keep them out. If that is not meant: %s"
            .formatted(
                String.join(", ", quoted),
                names.size() > NAMED ? " and %d more".formatted(names.size() - NAMED) : "",
                LoginProblems.psql(
                    instance, "ALTER ROLE %s NOSUPERUSER".formatted(quoted.getFirst()))));
  }
}
