package dev.postgresinstance.api.v1alpha1;

/** Rules in CEL for the names of roles. */
final class RoleRules {

  /** The name is one that PostgreSQL takes. */
  static final String NAME =
      "self != '' && size(bytes(self)) <= 63 && !self.matches('[\\x00-\\x1f\\x7f]')";

  /** The name is none of PostgreSQL or of the operator. */
  static final String NOT_RESERVED =
      "!(self in ['postgres', 'public', 'none'])"
          + " && !self.startsWith('pg_') && !self.startsWith('pgi_')";

  /** Each name is one that PostgreSQL takes. */
  static final String NAMES =
      "self.all(n, n != '' && size(bytes(n)) <= 63 && !n.matches('[\\x00-\\x1f\\x7f]'))";

  /** No name is one of PostgreSQL or of the operator. */
  static final String NONE_RESERVED =
      "!self.exists(n, n in ['postgres', 'public', 'none'] || n.startsWith('pg_')"
          + " || n.startsWith('pgi_'))";

  private RoleRules() {}
}
