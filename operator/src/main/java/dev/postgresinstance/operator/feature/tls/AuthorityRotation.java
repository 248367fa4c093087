package dev.postgresinstance.operator.feature.tls;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.instance.Annotations;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The request to replace the authority of an instance.
 *
 * @param hash identifies the request
 * @param waitingTime how long clients have to learn about the new authority, and later to forget
 *     the former one
 */
record AuthorityRotation(Optional<String> hash, Duration waitingTime) {

  /** On the resource: any value, and optionally a comma and a duration such as 12h. */
  static final String ROTATE_CA = PostgresInstance.GROUP + "/rotate-ca";

  private static final Duration DEFAULT_WAIT = Duration.ofDays(7);
  private static final Duration MAX_WAIT = Duration.ofDays(366);
  private static final Pattern REQUEST =
      Pattern.compile("([^,]+)(?:,\\s*((?:[0-9]{1,7}h)?(?:[0-9]{1,7}m)?(?:[0-9]{1,7}s)?))?");

  /** The request of a resource; without a hash if it has none, or one that is not understood. */
  static AuthorityRotation of(PostgresInstance instance) {
    return Annotations.get(instance, ROTATE_CA)
        .flatMap(AuthorityRotation::parsed)
        .orElseGet(() -> new AuthorityRotation(Optional.empty(), DEFAULT_WAIT));
  }

  /** Whether the resource has a request that is not understood. */
  static boolean isInvalid(PostgresInstance instance) {
    return Annotations.get(instance, ROTATE_CA)
        .filter(value -> parsed(value).isEmpty())
        .isPresent();
  }

  private static Optional<AuthorityRotation> parsed(String value) {
    Matcher request = REQUEST.matcher(value);
    if (!request.matches() || "".equals(request.group(2))) {
      return Optional.empty();
    }
    Optional<String> hash = Optional.of(Hashes.brief(request.group(1)));
    Duration waitingTime =
        Optional.ofNullable(request.group(2))
            .map(duration -> Duration.parse("PT" + duration))
            .orElse(DEFAULT_WAIT);
    return Optional.of(new AuthorityRotation(hash, waitingTime))
        .filter(rotation -> rotation.waitingTime.compareTo(MAX_WAIT) <= 0);
  }
}
