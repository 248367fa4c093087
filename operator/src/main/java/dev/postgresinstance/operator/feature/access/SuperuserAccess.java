package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.sql.LoginRequest.Role;

/** Whether the superuser is to come in over the network. */
public sealed interface SuperuserAccess {

  /**
   * With that password.
   *
   * @param unpublished whether nobody knows the password yet: it is set where it is refused
   */
  record Open(Role role, boolean unpublished) implements SuperuserAccess {}

  /** Not at all, and its sessions end. */
  record Closed() implements SuperuserAccess {}

  /** As it is: nothing is to be changed now. */
  record AsItIs() implements SuperuserAccess {}
}
