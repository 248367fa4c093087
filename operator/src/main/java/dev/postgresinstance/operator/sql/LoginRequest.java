package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.feature.access.SuperuserAccess;

/**
 * A login to prove.
 *
 * @param server identity of the running server: what was proven of one says nothing of the next
 * @param host name or address
 * @param port TCP port
 * @param database the database to log in to
 * @param role whose login is to be proven
 * @param operator the operator's own role, by which the data is identified and the configuration
 *     loaded
 * @param configuration hash of the configuration that the server is to load; empty for none
 * @param volume size of the server's volume in bytes; 0 while it is not known
 * @param superuser whether the superuser is to come in as well
 * @param unpublished whether nobody knows the password yet: it is set where it is refused
 */
public record LoginRequest(
    String server,
    String host,
    int port,
    String database,
    Role role,
    Role operator,
    String configuration,
    long volume,
    SuperuserAccess superuser,
    boolean unpublished) {

  /** Whether it is the same login, but for what else is asked. */
  boolean isSameLogin(LoginRequest other) {
    return new LoginRequest(
            server,
            host,
            port,
            database,
            role,
            operator,
            other.configuration,
            other.volume,
            other.superuser,
            other.unpublished)
        .equals(other);
  }

  /** A role and its password. */
  public record Role(String name, String password) {

    /** Never the password: records end up in logs. */
    @Override
    public String toString() {
      return name;
    }
  }
}
