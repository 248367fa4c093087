package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.instance.Snapshot;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The superuser's password as it should be; there is one only while spec.superuserAccess is true.
 *
 * @param password what its Secret says, or is going to say
 * @param published whether it may stand in its Secret: a new one is first set in the database
 */
public record SuperuserPassword(String password, boolean published) {

  /** Key of the operator's own Secret that holds a password until it is published. */
  static final String PENDING = "pending-superuser-password";

  /**
   * The password of that world; a new random text where there is none. Call once in a pass.
   *
   * @param random source of unguessable texts
   */
  public static Optional<SuperuserPassword> of(Snapshot snapshot, Supplier<String> random) {
    if (!snapshot.superuserAccess()) {
      return Optional.empty();
    }
    String password = persisted(snapshot).orElseGet(random);
    return Optional.of(
        new SuperuserPassword(password, published(snapshot).equals(Optional.of(password))));
  }

  /** The password that a Secret already holds: the published one, or the one to be published. */
  public static Optional<String> persisted(Snapshot snapshot) {
    return published(snapshot).or(() -> Credentials.text(snapshot.operatorSecret(), PENDING));
  }

  /** Whether that password is to be set before anybody learns it. */
  public static boolean isUnpublished(Snapshot snapshot, String password) {
    return !published(snapshot).equals(Optional.of(password));
  }

  /** The same, proven: it may be published. */
  public SuperuserPassword proven() {
    return new SuperuserPassword(password, true);
  }

  private static Optional<String> published(Snapshot snapshot) {
    return snapshot
        .superuserSecret()
        .flatMap(secret -> PasswordText.of(secret, Credentials.PASSWORD).text());
  }

  /** Never the value: records end up in logs. */
  @Override
  public String toString() {
    return "SuperuserPassword[published=" + published + "]";
  }
}
