package dev.postgresinstance.operator.postgres;

/**
 * A login to prove.
 *
 * @param server identity of the running server: what was proven of one says nothing of the next
 * @param host name or address
 * @param port TCP port
 * @param database the database to log in to
 * @param role whose login is to be proven
 * @param operator the operator's own role, by which a password is set anew and the data identified
 */
public record LoginRequest(
    String server, String host, int port, String database, Role role, Role operator) {

  /** A role and its password. */
  public record Role(String name, String password) {

    /** Never the password: records end up in logs. */
    @Override
    public String toString() {
      return name;
    }
  }
}
