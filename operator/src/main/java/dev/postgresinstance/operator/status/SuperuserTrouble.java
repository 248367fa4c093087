package dev.postgresinstance.operator.status;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.children.Names;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.postgres.SuperuserAccess.Open;
import dev.postgresinstance.operator.postgres.Superusers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is to be said of the server's superusers. */
public final class SuperuserTrouble {

  /** So many are named. */
  private static final int NAMED = 10;

  private SuperuserTrouble() {}

  /** What is not as it should be. */
  public static List<Trouble> of(World world, Superusers superusers) {
    PostgresInstance instance = world.instance();
    List<Trouble> troubles = new ArrayList<>();
    if (!superusers.others().isEmpty()) {
      troubles.add(others(instance, superusers.others()));
    }
    Optional<String> refusal = superusers.refusal();
    boolean settled =
        world.superuserAccess()
            ? superusers.access() instanceof Open && refusal.isEmpty()
            : superusers.keptOut();
    if (world.superuserAccess() && refusal.isPresent()) {
      troubles.add(
          new Trouble(
              Reason.SUPERUSER_REFUSED,
              "The superuser %s does not get in with the password of Secret %s: %s"
                  .formatted(Names.SUPERUSER, Names.superuserSecret(instance), refusal.get())));
    } else if (!settled && !ConfigurationTrouble.wasReady(instance)) {
      troubles.add(
          new Trouble(
              Reason.CONFIGURING,
              world.superuserAccess()
                  ? "The superuser is about to be let in over the network."
                  : "The superuser is about to be shut out from the network."));
    }
    return troubles;
  }

  private static Trouble others(PostgresInstance instance, List<String> names) {
    List<String> quoted = names.stream().limit(NAMED).map(LoginTrouble::quoted).toList();
    return new Trouble(
        ConditionType.OTHER_SUPERUSERS,
        Reason.SUPERUSERS_FOUND,
        "Somebody has made superusers: %s%s. spec.superuserAccess does not keep them out. If that is not meant: %s"
            .formatted(
                String.join(", ", quoted),
                names.size() > NAMED ? " and %d more".formatted(names.size() - NAMED) : "",
                LoginTrouble.psql(
                    instance, "ALTER ROLE %s NOSUPERUSER".formatted(quoted.getFirst()))));
  }
}
