package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.Role;
import java.util.Optional;

/** The session of the operator's role, as far as roles need it. */
interface RoleServer {

  /**
   * Why PostgreSQL has rejected a statement.
   *
   * @param sqlState its error code
   * @param message its message
   * @param detail the detail of the message; may be empty
   */
  record Failure(String sqlState, String message, String detail) {}

  /** Runs statements in one transaction; returns why PostgreSQL has rejected one. */
  Optional<Failure> execute(String... statements);

  /** Tries a login. */
  LoginResult login(Role role);

  /** Writes a sentence about what was done to the log. */
  void log(String sentence);
}
