package dev.postgresinstance.operator.feature.roles.parameter;

import dev.postgresinstance.operator.sql.SqlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Values of parameters in {@code ALTER ROLE … SET}. PostgreSQL takes the value of some parameters
 * for a list of names, each of which the statement has to quote on its own: with {@code 'a, b'} as
 * one text, {@code search_path} would name one schema "a, b".
 */
public final class ListParameter {

  /** The lists of names that a role may set ({@code variable_is_guc_list_quote} in pg_dump). */
  private static final Set<String> LISTS =
      Set.of("search_path", "temp_tablespaces", "local_preload_libraries");

  /** A quoted name, or one that ends at a comma; of any length, so without recursion. */
  private static final Pattern NAME =
      Pattern.compile("\\s*(?:\"([^\"]*+(?:\"\"[^\"]*+)*+)\"|([^,]*+))\\s*,?");

  private ListParameter() {}

  /** The value as the statement has to write it. */
  public static String literal(String parameter, String value) {
    return isList(parameter) && !names(value).isEmpty()
        ? names(value).stream().map(SqlText::literal).collect(Collectors.joining(", "))
        : SqlText.literal(value);
  }

  /** Whether two values of a parameter mean the same. */
  public static boolean isSame(String parameter, String one, String other) {
    return isList(parameter) ? names(one).equals(names(other)) : one.equals(other);
  }

  private static boolean isList(String parameter) {
    return LISTS.contains(parameter.toLowerCase(Locale.ROOT));
  }

  /** The names of a list, without quotes; PostgreSQL reads those without quotes in lower case. */
  private static List<String> names(String value) {
    List<String> names = new ArrayList<>();
    Matcher name = NAME.matcher(value);
    int end = 0;
    while (end < value.length() && name.find(end) && name.end() > end) {
      String quoted = name.group(1);
      String found =
          quoted == null
              ? name.group(2).strip().toLowerCase(Locale.ROOT)
              : quoted.replace("\"\"", "\"");
      if (!found.isEmpty()) {
        names.add(found);
      }
      end = name.end();
    }
    return names;
  }
}
