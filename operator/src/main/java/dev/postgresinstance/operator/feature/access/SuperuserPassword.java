package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.NewPasswords.Purpose;
import dev.postgresinstance.operator.feature.access.secret.PasswordText;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import java.util.Optional;

/**
 * The superuser's password as it should be. There is one only while spec.superuserAccess is true.
 *
 * @param password the one in its Secret, or the one that will be
 * @param publishable whether its Secret may hold the password: a new one is first set in the
 *     database
 */
public record SuperuserPassword(String password, boolean publishable) {

  /** Key of the operator's Secret that holds a password until it is published. */
  static final String PENDING = "pending-superuser-password";

  /** The password for a snapshot, a new one where no Secret holds one; empty without access. */
  public static Optional<SuperuserPassword> of(Snapshot snapshot, NewPasswords passwords) {
    if (!snapshot.superuserAccess()) {
      return Optional.empty();
    }
    String password = persisted(snapshot).orElseGet(() -> passwords.get(Purpose.SUPERUSER));
    return Optional.of(
        new SuperuserPassword(password, published(snapshot).equals(Optional.of(password))));
  }

  /** The password that a Secret already holds: the published one, or the one to be published. */
  static Optional<String> persisted(Snapshot snapshot) {
    return published(snapshot)
        .or(() -> SecretData.text(snapshot.get(ObjectKey.OPERATOR_SECRET), PENDING));
  }

  /** Whether the published Secret does not hold that password. */
  static boolean isUnpublished(Snapshot snapshot, String password) {
    return !published(snapshot).equals(Optional.of(password));
  }

  private static Optional<String> published(Snapshot snapshot) {
    return PasswordText.in(snapshot.get(ObjectKey.SUPERUSER_SECRET));
  }

  /** Never the value: records end up in logs. */
  @Override
  public String toString() {
    return "SuperuserPassword[publishable=" + publishable + "]";
  }
}
