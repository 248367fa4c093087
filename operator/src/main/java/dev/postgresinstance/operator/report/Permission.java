package dev.postgresinstance.operator.report;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A permission of the operator in Kubernetes, as a Role grants it.
 *
 * @param verb as a Role names it
 * @param resource the plural, with the subresource: {@code services/status}
 * @param namespace the namespace; empty for all namespaces, and for cluster-scoped resources
 */
public record Permission(String verb, String resource, String namespace) {

  /** The sentence by which every authorizer of Kubernetes says that a permission is missing. */
  private static final Pattern MISSING =
      Pattern.compile(
          "User \"[^\"]*\" cannot (\\S+) resource \"([^\"]*)\""
              + "(?: in API group \"[^\"]*\")?(?: in the namespace \"([^\"]*)\")?");

  /** The missing permission that a message of the API server names; empty when it names none. */
  public static Optional<Permission> missing(String message) {
    Matcher matcher = MISSING.matcher(message);
    return matcher.find()
        ? Optional.of(
            new Permission(
                matcher.group(1),
                matcher.group(2),
                Optional.ofNullable(matcher.group(3)).orElse("")))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return verb + " " + resource + (namespace.isEmpty() ? "" : " in namespace " + namespace);
  }
}
