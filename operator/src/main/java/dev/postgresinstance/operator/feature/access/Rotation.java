package dev.postgresinstance.operator.feature.access;

import static java.time.format.DateTimeFormatter.ISO_INSTANT;

import dev.postgresinstance.api.v1alpha1.PasswordRotation;
import dev.postgresinstance.api.v1alpha1.PasswordRotationStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.feature.access.secret.PasswordText;
import dev.postgresinstance.operator.feature.access.secret.UserProvidedPassword;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import java.text.ParsePosition;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Whether a generated password has to be replaced: on request, or because of its age. */
final class Rotation {

  /** On the resource: any value. Changing it requests a new password. */
  static final String ROTATE_PASSWORD = PostgresInstance.GROUP + "/rotate-password";

  /** On the published Secret: hash of the request that was fulfilled by its password. */
  private static final String ROTATED = PostgresInstance.GROUP + "/rotated-password";

  /** On the published Secret: when its password was published. */
  private static final String PUBLISHED = PostgresInstance.GROUP + "/password-published";

  /** The operator's own notation; other times, such as one of the year 999999999, do not count. */
  private static final Pattern TIME = Pattern.compile("\\d{4}(-\\d\\d){2}T\\d\\d(:\\d\\d){2}Z");

  private Rotation() {}

  /** Whether a new password is due. */
  static boolean isDue(Snapshot snapshot, Instant now) {
    return snapshot.get(ObjectKey.APP_SECRET).isPresent()
        && UserProvidedPassword.reference(snapshot.instance()).isEmpty()
        && (isRequested(snapshot) || isTooOld(snapshot, now));
  }

  /** When the password was and will be replaced; empty where the spec asks for no rotation. */
  static Optional<PasswordRotationStatus> status(Snapshot snapshot) {
    return published(snapshot)
        .flatMap(
            last ->
                interval(snapshot)
                    .map(
                        interval ->
                            new PasswordRotationStatus(
                                last.toString(), last.plus(interval).toString())));
  }

  /** The annotations of the published Secret that holds that password. */
  static Map<String, String> annotations(Snapshot snapshot, String password, Instant now) {
    Map<String, String> annotations = new TreeMap<>();
    boolean same =
        PasswordText.in(snapshot.get(ObjectKey.APP_SECRET)).equals(Optional.of(password));
    // A rotation is due until another password is published.
    (same && isDue(snapshot, now) ? annotation(snapshot, ROTATED) : request(snapshot))
        .ifPresent(hash -> annotations.put(ROTATED, hash));
    Instant time = same ? published(snapshot).orElse(now) : now;
    annotations.put(PUBLISHED, time.truncatedTo(ChronoUnit.SECONDS).toString());
    return annotations;
  }

  private static boolean isRequested(Snapshot snapshot) {
    return request(snapshot)
        .filter(hash -> !annotation(snapshot, ROTATED).equals(Optional.of(hash)))
        .isPresent();
  }

  private static Optional<String> request(Snapshot snapshot) {
    return Annotations.get(snapshot.instance(), ROTATE_PASSWORD).map(Hashes::brief);
  }

  private static boolean isTooOld(Snapshot snapshot, Instant now) {
    return interval(snapshot)
        .flatMap(interval -> published(snapshot).map(time -> time.plus(interval)))
        .filter(end -> !end.isAfter(now))
        .isPresent();
  }

  private static Optional<Duration> interval(Snapshot snapshot) {
    return Optional.ofNullable(snapshot.instance().getSpec().passwordRotation())
        .map(PasswordRotation::interval)
        .map(interval -> Duration.parse("PT" + interval));
  }

  /** Creation time of the Secret where the annotation is missing or invalid. */
  private static Optional<Instant> published(Snapshot snapshot) {
    return annotation(snapshot, PUBLISHED)
        .filter(time -> TIME.matcher(time).matches())
        // A text of this form may still be a day that its month does not have.
        .filter(time -> ISO_INSTANT.parseUnresolved(time, new ParsePosition(0)) != null)
        .or(
            () ->
                snapshot
                    .get(ObjectKey.APP_SECRET)
                    .map(Secret::getMetadata)
                    .map(ObjectMeta::getCreationTimestamp))
        .map(Instant::parse);
  }

  private static Optional<String> annotation(Snapshot snapshot, String name) {
    return Annotations.get(snapshot.get(ObjectKey.APP_SECRET), name);
  }
}
