package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import java.sql.SQLException;

/** Removes the cause of a rejected login where that is the operator's task. */
@FunctionalInterface
public interface LoginRepair {

  /** Repairs nothing. */
  LoginRepair NONE = (session, database, role, rejected) -> false;

  /**
   * Repairs what it can.
   *
   * @param database the database of the login
   * @param role the role of the login, with the password that should be in force
   * @return whether to try the login again
   */
  boolean repair(Session session, String database, Role role, LoginRejected rejected)
      throws SQLException;
}
