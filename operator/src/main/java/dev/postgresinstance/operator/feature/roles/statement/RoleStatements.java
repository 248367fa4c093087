package dev.postgresinstance.operator.feature.roles.statement;

import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.SqlText;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.postgresql.util.PasswordUtil;

/** The statements that set a role. Each name and text is quoted, and a password is a verifier. */
public final class RoleStatements {

  private RoleStatements() {}

  /** Creates the role, with nothing but its login. */
  public static String create(String name, boolean login, Optional<Role> credentials) {
    return "CREATE ROLE "
        + SqlText.identifier(name)
        + (login ? " LOGIN" : " NOLOGIN")
        + credentials.map(RoleStatements::passwordOption).orElse("");
  }

  /** Sets the password. */
  public static String password(Role credentials) {
    return alter(credentials.name(), passwordOption(credentials).strip());
  }

  private static String passwordOption(Role credentials) {
    return " PASSWORD "
        + SqlText.literal(PasswordUtil.encodeScramSha256(credentials.password().toCharArray()));
  }

  /** Sets whether the role can log in. */
  public static String login(String name, boolean login) {
    return alter(name, login ? "LOGIN" : "NOLOGIN");
  }

  /** Nobody logs in any more. */
  public static String close(String name) {
    return alter(name, "NOLOGIN PASSWORD NULL");
  }

  /** Sets the number of simultaneous connections. */
  public static String connectionLimit(String name, int limit) {
    return alter(name, "CONNECTION LIMIT " + limit);
  }

  /** Sets when the password expires; empty for never. */
  public static String validUntil(String name, Optional<Instant> end) {
    return alter(
        name, "VALID UNTIL " + SqlText.literal(end.map(Instant::toString).orElse("infinity")));
  }

  /** Sets a parameter to a value that is quoted already. */
  public static String set(String name, String parameter, String literal) {
    return alter(name, "SET " + parameterName(parameter) + " TO " + literal);
  }

  /** Resets a parameter. */
  public static String reset(String name, String parameter) {
    return alter(name, "RESET " + parameterName(parameter));
  }

  /** Makes the role a member of the group. */
  public static String grant(String group, String name) {
    return "GRANT " + SqlText.identifier(group) + " TO " + SqlText.identifier(name);
  }

  /** Ends the membership of the role in the group. */
  public static String revoke(String group, String name) {
    return "REVOKE " + SqlText.identifier(group) + " FROM " + SqlText.identifier(name);
  }

  /** Sets the comment. */
  public static String comment(String name, String comment) {
    return "COMMENT ON ROLE " + SqlText.identifier(name) + " IS " + SqlText.literal(comment);
  }

  /** Drops the role. */
  public static String drop(String name) {
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
