package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.NewPasswords.Purpose;
import dev.postgresinstance.operator.feature.access.secret.PasswordText;
import dev.postgresinstance.operator.feature.access.secret.UserProvidedPassword;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The passwords of an instance as they should be.
 *
 * @param password of the role of {@code spec.username}
 * @param publishable whether the published Secret may hold the password: a new password for
 *     existing data is first set in the database, then published
 * @param operatorPassword of the operator's own role
 * @param saltKey secret from which the salts of the verifiers are derived, so that the same
 *     password always has the same verifier
 */
public record Credentials(
    String password, boolean publishable, String operatorPassword, String saltKey) {

  /** Key of the operator's Secret that holds a password until it is published. */
  static final String PENDING = "pending-password";

  /** Key of the operator's Secret that holds the salt key. */
  static final String SALT_KEY = "salt-key";

  /**
   * The credentials for a snapshot: the user's Secret or the operator's Secrets decide; where they
   * hold nothing, or a rotation is due, new passwords are used.
   */
  public static Credentials of(Snapshot snapshot, NewPasswords passwords, Instant now) {
    Optional<String> published = published(snapshot);
    Optional<String> persisted = persistedPassword(snapshot, now);
    boolean rotate = Rotation.isDue(snapshot, now) && persisted.equals(published);
    String password =
        persisted.filter(present -> !rotate).orElseGet(() -> passwords.get(Purpose.APPLICATION));
    return new Credentials(
        password,
        published.equals(Optional.of(password)) || DataRecord.of(snapshot).isEmpty(),
        persistedOperatorPassword(snapshot).orElseGet(() -> passwords.get(Purpose.OPERATOR)),
        SecretData.text(snapshot.get(ObjectKey.OPERATOR_SECRET), SALT_KEY)
            .orElseGet(() -> passwords.get(Purpose.SALT_KEY)));
  }

  /**
   * The password that a Secret already holds: the user's; else the published one, or the one that
   * will be published in its place.
   */
  public static Optional<String> persistedPassword(Snapshot snapshot, Instant now) {
    Optional<String> pending = SecretData.text(snapshot.get(ObjectKey.OPERATOR_SECRET), PENDING);
    return UserProvidedPassword.of(snapshot)
        .or(() -> Rotation.isDue(snapshot, now) ? pending : Optional.empty())
        .or(() -> published(snapshot))
        .or(() -> pending);
  }

  /** Why nobody can log in with a published password, in a sentence; empty when one can. */
  static Optional<String> fault(Snapshot snapshot) {
    return Stream.of(
            snapshot.get(ObjectKey.APP_SECRET),
            snapshot.get(ObjectKey.SUPERUSER_SECRET).filter(secret -> snapshot.superuserAccess()))
        .filter(secret -> SecretData.text(secret, SecretData.PASSWORD).isPresent())
        .flatMap(Optional::stream)
        .flatMap(
            secret ->
                PasswordText.of(secret, SecretData.PASSWORD).fault().stream()
                    .map(why -> "Secret %s %s.".formatted(secret.getMetadata().getName(), why)))
        .findFirst();
  }

  /** Whether the published Secret does not hold that password. */
  static boolean isUnpublished(Snapshot snapshot, String password) {
    return !published(snapshot).equals(Optional.of(password));
  }

  /** Whether the published Secret holds a password. */
  static boolean isPublished(Snapshot snapshot) {
    return published(snapshot).isPresent();
  }

  /** Whether the operator is about to publish another password, or one in place of none. */
  static boolean isBeingReplaced(Snapshot snapshot) {
    return published(snapshot).isEmpty()
        || SecretData.text(snapshot.get(ObjectKey.OPERATOR_SECRET), PENDING).isPresent();
  }

  /** The password that the published Secret holds. */
  static Optional<String> published(Snapshot snapshot) {
    return PasswordText.in(snapshot.get(ObjectKey.APP_SECRET));
  }

  /** The password of the operator's role that its Secret already holds. */
  public static Optional<String> persistedOperatorPassword(Snapshot snapshot) {
    return SecretData.text(snapshot.get(ObjectKey.OPERATOR_SECRET), SecretData.PASSWORD);
  }

  /** The same credentials once a login has proven the password: it may be published. */
  public Credentials proven() {
    return new Credentials(password, true, operatorPassword, saltKey);
  }

  /**
   * The credentials with the password that the published Secret has to hold now: the one of before
   * until this one may be published. Empty where there is none of before.
   */
  Optional<Credentials> publishedNow(Snapshot snapshot) {
    return publishable ? Optional.of(this) : published(snapshot).map(this::withPublished);
  }

  /** The same credentials with the password that the published Secret holds. */
  Credentials withPublished(String former) {
    return new Credentials(former, true, operatorPassword, saltKey);
  }

  /** The same credentials when the password could not be published. */
  Credentials unpublished() {
    return new Credentials(password, false, operatorPassword, saltKey);
  }

  /** Never the values: records end up in logs. */
  @Override
  public String toString() {
    return "Credentials[publishable=" + publishable + "]";
  }
}
