package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.operator.children.Consent;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.postgres.LoginResult;
import dev.postgresinstance.operator.postgres.LoginResult.Refused;
import dev.postgresinstance.operator.postgres.Superusers;
import dev.postgresinstance.operator.postgres.Wish;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

/** What of a refused login is the operator's to mend. */
final class Mending {

  private Mending() {}

  /**
   * What the next login is to do.
   *
   * @param isCurrent whether the API server has a Secret as the cache has it: an older one would
   *     set an older password back. Asked only when something is refused
   */
  static Set<Wish> of(World world, LoginResult login, Predicate<Secret> isCurrent) {
    Set<Wish> wishes = EnumSet.noneOf(Wish.class);
    boolean superuserRefused =
        login.findings().superusers().flatMap(Superusers::refusal).isPresent();
    boolean refused = login instanceof Refused r && r.wrongPassword();
    if ((refused || superuserRefused) && world.secrets().allMatch(isCurrent)) {
      wishes.add(Wish.SET_PASSWORD);
    }
    if (login instanceof Refused r && r.noDatabase() && Consent.recreateDatabase(world)) {
      wishes.add(Wish.CREATE_DATABASE);
    }
    return wishes;
  }
}
