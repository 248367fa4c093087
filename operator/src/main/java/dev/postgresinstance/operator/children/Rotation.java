package dev.postgresinstance.operator.children;

import static java.time.format.DateTimeFormatter.ISO_INSTANT;

import dev.postgresinstance.api.v1alpha1.PasswordRotation;
import dev.postgresinstance.api.v1alpha1.PasswordRotationStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import java.text.ParsePosition;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Whether a generated password is to make room for a new one: by request, or by its age. */
public final class Rotation {

  /** On the resource: any text, another one asks for a new password. */
  public static final String ROTATE_PASSWORD = PostgresInstance.GROUP + "/rotate-password";

  /** On the published Secret: what was asked for when its password was published, as a hash. */
  private static final String ROTATED = PostgresInstance.GROUP + "/rotated-password";

  /** On the published Secret: when its password was published. */
  private static final String PUBLISHED = PostgresInstance.GROUP + "/password-published";

  private Rotation() {}

  /** Whether a new password is due. */
  static boolean isDue(World world, Instant now) {
    return world.appSecret().isPresent()
        && CallersPassword.reference(world.instance()).isEmpty()
        && (isAsked(world) || next(world).filter(time -> !time.isAfter(now)).isPresent());
  }

  /** When the password was and will be made anew; empty where the spec asks for no rotation. */
  public static Optional<PasswordRotationStatus> status(World world) {
    return next(world)
        .map(
            next ->
                new PasswordRotationStatus(
                    published(world).map(Instant::toString).orElse(null), next.toString()));
  }

  /** The annotations of the published Secret that holds that password. */
  static Map<String, String> annotations(World world, String password, Instant now) {
    Map<String, String> annotations = new TreeMap<>();
    asked(world).ifPresent(hash -> annotations.put(ROTATED, hash));
    boolean same =
        world
            .appSecret()
            .flatMap(secret -> SecretText.of(secret, Credentials.PASSWORD).text())
            .equals(Optional.of(password));
    Instant time = same ? published(world).orElse(now) : now;
    annotations.put(PUBLISHED, time.truncatedTo(ChronoUnit.SECONDS).toString());
    return annotations;
  }

  private static boolean isAsked(World world) {
    return asked(world)
        .filter(hash -> !annotation(world, ROTATED).equals(Optional.of(hash)))
        .isPresent();
  }

  private static Optional<String> asked(World world) {
    return Optional.ofNullable(world.instance().getMetadata().getAnnotations())
        .map(annotations -> annotations.get(ROTATE_PASSWORD))
        .map(Hashes::brief);
  }

  private static Optional<Instant> next(World world) {
    return Optional.ofNullable(world.instance().getSpec().passwordRotation())
        .map(PasswordRotation::interval)
        .map(interval -> Duration.parse("PT" + interval))
        .flatMap(interval -> published(world).map(time -> time.plus(interval)));
  }

  /** Of a Secret that does not say it, or wrongly, since it exists. */
  private static Optional<Instant> published(World world) {
    return annotation(world, PUBLISHED)
        .filter(time -> time.matches("\\d{4}(-\\d\\d){2}T\\d\\d(:\\d\\d){2}Z"))
        // What has the form may still be no day that its month has.
        .filter(time -> ISO_INSTANT.parseUnresolved(time, new ParsePosition(0)) != null)
        .or(() -> world.appSecret().map(Secret::getMetadata).map(ObjectMeta::getCreationTimestamp))
        .map(Instant::parse);
  }

  private static Optional<String> annotation(World world, String name) {
    return world
        .appSecret()
        .map(secret -> secret.getMetadata().getAnnotations())
        .map(annotations -> annotations.get(name));
  }
}
