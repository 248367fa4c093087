package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Secret;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The passwords of an instance as they should be.
 *
 * @param password of the role of {@code spec.username}
 * @param published whether the password may stand in the published Secret: a new password for data
 *     that exists is first set in the database, then published
 * @param operatorPassword of the operator's own role
 * @param saltKey secret from which the salts of the verifiers are derived, so that the same
 *     password always gives the same verifier
 */
public record Credentials(
    String password, boolean published, String operatorPassword, String saltKey) {

  private static final SecureRandom RANDOM = new SecureRandom();

  static final String PASSWORD = "password";
  static final String PENDING = "pending-password";
  static final String SALT_KEY = "salt-key";

  /**
   * The credentials of that world: what the caller's Secret or our own say, and where they say
   * nothing, or a new password is due, a new random text. Call once in a pass.
   *
   * @param random source of unguessable texts
   */
  public static Credentials of(Snapshot snapshot, Supplier<String> random, Instant now) {
    Optional<String> published = published(snapshot);
    Optional<String> wanted = persistedPassword(snapshot, now);
    boolean rotate = Rotation.isDue(snapshot, now) && wanted.equals(published);
    String password = rotate ? random.get() : wanted.orElseGet(random);
    return new Credentials(
        password,
        published.equals(Optional.of(password)) || DataRecord.of(snapshot).isEmpty(),
        persistedOperatorPassword(snapshot).orElseGet(random),
        text(snapshot.operatorSecret(), SALT_KEY).orElseGet(random));
  }

  /**
   * The password that a Secret already holds: the caller's; else the published one, or the one to
   * be published in its place.
   */
  public static Optional<String> persistedPassword(Snapshot snapshot, Instant now) {
    Optional<String> pending = text(snapshot.operatorSecret(), PENDING);
    return UserProvidedPassword.of(snapshot)
        .or(() -> Rotation.isDue(snapshot, now) ? pending : Optional.empty())
        .or(() -> published(snapshot))
        .or(() -> pending);
  }

  /** Whether a password is published that nobody can log in with, and why; in a sentence. */
  public static Optional<String> fault(Snapshot snapshot) {
    return Stream.of(
            snapshot.appSecret(),
            snapshot.superuserSecret().filter(secret -> snapshot.superuserAccess()))
        .filter(secret -> text(secret, PASSWORD).isPresent())
        .flatMap(Optional::stream)
        .flatMap(
            secret ->
                PasswordText.of(secret, PASSWORD).fault().stream()
                    .map(why -> "Secret %s %s.".formatted(secret.getMetadata().getName(), why)))
        .findFirst();
  }

  /** Whether that password is to be set before anybody learns it. */
  public static boolean isUnpublished(Snapshot snapshot, String password) {
    return !published(snapshot).equals(Optional.of(password));
  }

  private static Optional<String> published(Snapshot snapshot) {
    return snapshot.appSecret().flatMap(secret -> PasswordText.of(secret, PASSWORD).text());
  }

  /** The password of the operator's role that its Secret already holds. */
  public static Optional<String> persistedOperatorPassword(Snapshot snapshot) {
    return text(snapshot.operatorSecret(), PASSWORD);
  }

  /** The same credentials, proven: the password may be published. */
  public Credentials proven() {
    return new Credentials(password, true, operatorPassword, saltKey);
  }

  static Optional<String> text(Optional<Secret> secret, String key) {
    return secret
        .map(Secret::getData)
        .map(data -> data.get(key))
        .map(value -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8))
        .filter(text -> !text.isEmpty());
  }

  /** A new password: 192 random bits, in digits and letters that need no escaping anywhere. */
  public static String random() {
    return new BigInteger(192, RANDOM).toString(Character.MAX_RADIX);
  }

  /** A Secret's data, in the form in which the API server keeps it. */
  static Map<String, String> encoded(Map<String, String> data) {
    Map<String, String> encoded = new TreeMap<>(data);
    encoded.replaceAll(
        (key, text) -> Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
    return encoded;
  }

  /** Never the values: records end up in logs. */
  @Override
  public String toString() {
    return "Credentials[published=" + published + "]";
  }
}
