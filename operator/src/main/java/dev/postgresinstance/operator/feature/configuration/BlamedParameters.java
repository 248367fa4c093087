package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which of the user's parameters a message of PostgreSQL points to. */
public final class BlamedParameters {

  private BlamedParameters() {}

  /**
   * What to correct in the spec; empty if the message points to no parameter of the user.
   *
   * @param message of a rejected login: it names a library, as in {@code could not access file
   *     "name"}, or the parameter in words, as in {@code terminating connection due to transaction
   *     timeout}
   */
  public static Optional<String> remedy(PostgresInstanceSpec spec, String message) {
    return Optional.of(names(spec, message))
        .filter(names -> !names.isEmpty())
        .map(
            names ->
                "The cause is in spec.parameters. Correct %s there."
                    .formatted(String.join(" and ", names)));
  }

  private static List<String> names(PostgresInstanceSpec spec, String message) {
    return Parameters.ofUser(spec).entrySet().stream()
        .filter(
            parameter ->
                namesParameter(message, parameter.getKey())
                    || (parameter.getKey().endsWith("_libraries")
                        && namesLibrary(message, parameter.getValue())))
        .map(parameter -> parameter.getKey())
        .toList();
  }

  private static boolean namesParameter(String message, String name) {
    String words = message.toLowerCase(Locale.ROOT).replace('-', ' ').replace('_', ' ');
    return Pattern.compile("\\b" + Pattern.quote(name.replace('_', ' ')) + "\\b")
        .matcher(words)
        .find();
  }

  private static boolean namesLibrary(String message, String libraries) {
    String names =
        Pattern.compile(",")
            .splitAsStream(libraries)
            .map(name -> name.replaceAll("[\"\\s]", ""))
            .filter(name -> !name.isEmpty())
            .map(Pattern::quote)
            .collect(Collectors.joining("|"));
    return !names.isEmpty()
        && Pattern.compile("[\"/](" + names + ")([.]so)?\"").matcher(message).find();
  }
}
