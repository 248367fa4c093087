package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.sql.Role;

/** Whether the superuser may log in over the network. */
public sealed interface SuperuserAccess {

  /**
   * It may, with that password.
   *
   * @param unpublished whether the password is not published yet: it is set where it is rejected
   */
  record Open(Role role, boolean unpublished) implements SuperuserAccess {}

  /** It may not, and its sessions end. */
  record Closed() implements SuperuserAccess {}

  /** Nothing is changed now. */
  record Unchanged() implements SuperuserAccess {}
}
