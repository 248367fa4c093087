package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code transaction_timeout} that ends each login, of the operator too: PostgreSQL starts the
 * transaction of a login before it checks the password, and applies the settings of the role only
 * at its end. The operator could then no longer log in to load another configuration.
 */
final class LoginTimeout {

  private static final String NAME = "transaction_timeout";

  /** The first major version that has the parameter. */
  private static final int FIRST_MAJOR = 17;

  private static final Duration LEAST = Duration.ofSeconds(1);

  /** A decimal number. PostgreSQL also accepts octal and hexadecimal ones and exponents. */
  private static final Pattern VALUE =
      Pattern.compile("\\s*((?:0|[1-9][0-9]{0,14})(?:[.][0-9]{1,9})?)\\s*(us|ms|s|min|h|d)?\\s*");

  private static final Map<String, Integer> MICROSECONDS = Map.of("us", 1, "ms", 1_000);

  private LoginTimeout() {}

  /**
   * Why the parameters of an instance must not be written to the server's file; empty if nothing is
   * wrong.
   */
  static Optional<String> rejection(PostgresInstanceSpec spec) {
    String value = Parameters.ofUser(spec).get(NAME);
    if (value == null || spec.version().major() < FIRST_MAJOR) {
      return Optional.empty();
    }
    Matcher matcher = VALUE.matcher(value);
    if (!matcher.matches()) {
      return Optional.of(
          "%s: '%s' has a form that the operator cannot check; write a decimal number with a unit, such as 5s"
              .formatted(NAME, value));
    }
    return isTooShort(matcher)
        ? Optional.of(
            "%s: '%s' would end each login, which PostgreSQL counts as a transaction; set 0 or at least 1s"
                .formatted(NAME, value))
        : Optional.empty();
  }

  private static boolean isTooShort(Matcher matcher) {
    BigDecimal number = new BigDecimal(matcher.group(1));
    String unit = Optional.ofNullable(matcher.group(2)).orElse("ms");
    Integer microseconds = MICROSECONDS.get(unit);
    BigDecimal limit =
        microseconds == null
            ? BigDecimal.ONE
            : BigDecimal.valueOf(LEAST.toNanos() / 1_000 / microseconds);
    return number.signum() > 0 && number.compareTo(limit) < 0;
  }
}
