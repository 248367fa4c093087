package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.SqlText;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.postgresql.util.PasswordUtil;

/** The statements that set a role. Each name and text is quoted, and a password is a verifier. */
final class RoleStatements {

  private RoleStatements() {}

  /** Creates the role, with nothing but its login. */
  static String create(RoleRequest request) {
    return "CREATE ROLE "
        + SqlText.identifier(request.name())
        + (request.login() ? " LOGIN" : " NOLOGIN")
        + request.credentials().map(RoleStatements::passwordOption).orElse("");
  }

  static String password(Role credentials) {
    return alter(credentials.name(), passwordOption(credentials).strip());
  }

  private static String passwordOption(Role credentials) {
    return " PASSWORD "
        + SqlText.literal(PasswordUtil.encodeScramSha256(credentials.password().toCharArray()));
  }

  static String login(String name, boolean login) {
    return alter(name, login ? "LOGIN" : "NOLOGIN");
  }

  /** Nobody logs in any more. */
  static String close(String name) {
    return alter(name, "NOLOGIN PASSWORD NULL");
  }

  static String connectionLimit(String name, int limit) {
    return alter(name, "CONNECTION LIMIT " + limit);
  }

  static String validUntil(String name, Optional<Instant> end) {
    return alter(
        name, "VALID UNTIL " + SqlText.literal(end.map(Instant::toString).orElse("infinity")));
  }

  static String set(String name, String parameter, String value) {
    return alter(
        name, "SET " + parameterName(parameter) + " TO " + ListParameter.literal(parameter, value));
  }

  static String reset(String name, String parameter) {
    return alter(name, "RESET " + parameterName(parameter));
  }

  static String grant(String group, String name) {
    return "GRANT " + SqlText.identifier(group) + " TO " + SqlText.identifier(name);
  }

  static String revoke(String group, String name) {
    return "REVOKE " + SqlText.identifier(group) + " FROM " + SqlText.identifier(name);
  }

  static String comment(String name, String comment) {
    return "COMMENT ON ROLE " + SqlText.identifier(name) + " IS " + SqlText.literal(comment);
  }

  static String drop(String name) {
    return "DROP ROLE " + SqlText.identifier(name);
  }

  private static String alter(String name, String what) {
    return "ALTER ROLE " + SqlText.identifier(name) + " " + what;
  }

  /** The name of a parameter of an extension has two parts. */
  private static String parameterName(String parameter) {
    return Pattern.compile("[.]")
        .splitAsStream(parameter)
        .map(SqlText::identifier)
        .collect(Collectors.joining("."));
  }
}
