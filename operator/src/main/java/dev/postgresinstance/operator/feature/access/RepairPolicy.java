package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.feature.data.UserConsent;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.SessionRequest;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

/** What of a refused login is the operator's to mend. */
public final class RepairPolicy {

  private RepairPolicy() {}

  /**
   * What the next login is to do.
   *
   * @param isCurrent whether the API server has a Secret as the cache has it: an older one would
   *     set an older password back. Asked only when something is refused
   */
  public static Set<SessionRequest> of(
      Snapshot snapshot, LoginResult login, Predicate<Secret> isCurrent) {
    Set<SessionRequest> wishes = EnumSet.noneOf(SessionRequest.class);
    boolean superuserRefused =
        login.findings().superusers().flatMap(SuperuserFindings::refusal).isPresent();
    boolean refused = login instanceof LoginRejected r && r.wrongPassword();
    if ((refused || superuserRefused) && snapshot.secrets().allMatch(isCurrent)) {
      wishes.add(SessionRequest.SET_PASSWORD);
    }
    if (login instanceof LoginRejected r
        && r.noDatabase()
        && UserConsent.recreateDatabase(snapshot)) {
      wishes.add(SessionRequest.CREATE_DATABASE);
    }
    return wishes;
  }
}
