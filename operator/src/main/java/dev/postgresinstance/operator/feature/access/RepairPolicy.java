package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.feature.data.OpenConsent;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.SessionRequest;
import dev.postgresinstance.operator.sql.SqlState;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/** Which causes of a rejected login the operator repairs. */
final class RepairPolicy {

  private RepairPolicy() {}

  /**
   * What the next session repairs.
   *
   * @param isCurrent whether the password of a Secret may be set: the API server still has the
   *     Secret as the cache has it; called only when a password is rejected
   */
  static Set<SessionRequest> of(Snapshot snapshot, LoginResult login, Predicate<Secret> isCurrent) {
    Set<SessionRequest> requests = new HashSet<>();
    boolean isSuperuserRejected =
        login
            .findings()
            .get(SuperuserTask.SUPERUSERS)
            .flatMap(SuperuserFindings::rejection)
            .isPresent();
    boolean isPasswordWrong = login instanceof LoginRejected rejected && rejected.isWrongPassword();
    if ((isPasswordWrong || isSuperuserRejected) && snapshot.secrets().allMatch(isCurrent)) {
      requests.add(CredentialRepair.SET_PASSWORD);
    }
    if (login instanceof LoginRejected rejected
        && rejected.is(SqlState.NO_SUCH_DATABASE)
        && OpenConsent.recreateDatabase(snapshot)) {
      requests.add(CredentialRepair.CREATE_DATABASE);
    }
    return requests;
  }
}
