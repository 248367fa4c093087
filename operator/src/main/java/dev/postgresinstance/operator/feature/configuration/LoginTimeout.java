package dev.postgresinstance.operator.feature.configuration;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code transaction_timeout} that ends each login, of the operator too: PostgreSQL starts the
 * transaction of a login before it checks the password, and applies the settings of the role only
 * at its end. A server with it could never be told to load another one.
 */
final class LoginTimeout {

  private static final String NAME = "transaction_timeout";
  private static final Duration LEAST = Duration.ofSeconds(1);

  /** A number in decimals; PostgreSQL itself judges what has another form. */
  private static final Pattern VALUE =
      Pattern.compile("\\s*([0-9]{1,15}(?:[.][0-9]{1,9})?)\\s*(us|ms|s|min|h|d)?\\s*");

  private static final Map<String, Integer> MICROSECONDS = Map.of("us", 1, "ms", 1_000);

  private LoginTimeout() {}

  /**
   * Why the parameters must not be written to the server's file; empty if nothing is wrong.
   *
   * @param parameters of the user, with names in lower case
   */
  static Optional<String> rejection(Map<String, String> parameters) {
    String value = parameters.getOrDefault(NAME, "");
    return Optional.of(VALUE.matcher(value))
        .filter(Matcher::matches)
        .filter(LoginTimeout::isTooShort)
        .map(
            matcher ->
                "%s: '%s' would end each login, which PostgreSQL counts as a transaction; set 0 or at least 1s"
                    .formatted(NAME, value));
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
