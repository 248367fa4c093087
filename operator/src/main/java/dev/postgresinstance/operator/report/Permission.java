package dev.postgresinstance.operator.report;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A right of the operator's in Kubernetes, as a role gives it.
 *
 * @param resource the plural, with the subresource: {@code services/status}
 * @param namespace empty for all, and of what belongs to none
 */
public record Permission(String verb, String resource, String namespace) {

  /** How every authorizer of Kubernetes says that a right is missing. */
  private static final Pattern MISSING =
      Pattern.compile(
          "User \"[^\"]*\" cannot (\\S+) resource \"([^\"]*)\""
              + "(?: in API group \"[^\"]*\")?(?: in the namespace \"([^\"]*)\")?");

  /** The one that was missing, if it was that; {@code words} are those of the API server. */
  public static Optional<Permission> missing(String words) {
    Matcher right = MISSING.matcher(words);
    return right.find()
        ? Optional.of(
            new Permission(
                right.group(1), right.group(2), Optional.ofNullable(right.group(3)).orElse("")))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return verb + " " + resource + (namespace.isEmpty() ? "" : " in namespace " + namespace);
  }
}
