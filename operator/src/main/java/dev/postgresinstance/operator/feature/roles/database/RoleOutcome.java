package dev.postgresinstance.operator.feature.roles.database;

/** What the last session found of a requested role. */
public sealed interface RoleOutcome {

  /** The role is as requested, and PostgreSQL accepts its password if it can log in. */
  record Settled() implements RoleOutcome {}

  /**
   * Something is missing that comes by itself.
   *
   * @param message what, in a sentence
   */
  record Waiting(String message) implements RoleOutcome {}

  /**
   * The role exists, and no PostgresRole has created it.
   *
   * @param oid its number
   * @param usable whether a superuser has granted it to the operator's role with admin option
   */
  record Exists(String oid, boolean usable) implements RoleOutcome {}

  /**
   * The role cannot become a member, because nobody has allowed the operator to grant the other
   * role.
   *
   * @param group the other role
   */
  record NotGrantable(String group) implements RoleOutcome {}

  /**
   * The operator or PostgreSQL refuses a part of the request.
   *
   * @param message what and why, in a sentence
   */
  record Refused(String message) implements RoleOutcome {}

  /**
   * The role is as requested, but PostgreSQL refuses its login.
   *
   * @param message of PostgreSQL
   */
  record LoginFailed(String message) implements RoleOutcome {}

  /**
   * The role is as requested, and PostgreSQL accepts its password, but refuses the connection.
   *
   * @param message of PostgreSQL
   * @param blocked whether that lasts until somebody lets the role connect to the database
   */
  record PasswordAccepted(String message, boolean blocked) implements RoleOutcome {}

  /**
   * PostgreSQL rejects the password although it was set: it is not set again.
   *
   * @param message of PostgreSQL
   */
  record PasswordRejected(String message) implements RoleOutcome {}

  /** The role is as requested, but its password has expired. */
  record Expired() implements RoleOutcome {}
}
