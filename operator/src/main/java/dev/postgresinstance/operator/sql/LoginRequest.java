package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.sql.tls.TlsTrust;
import java.util.List;
import java.util.Optional;

/**
 * A login to prove, and what the operator's own role does in the same server.
 *
 * @param server id of the container that runs the server: a result is valid for one server only
 * @param host name or address
 * @param port TCP port
 * @param tls with what to verify the server's certificate; empty if the server offers no TLS
 * @param database the database to log in to
 * @param role whose login is proven
 * @param operator the operator's own role
 * @param repair what to do when the login is rejected; a value with {@code equals}
 * @param tasks what the operator's role asks and does in its session, in this order
 */
public record LoginRequest(
    String server,
    String host,
    int port,
    Optional<TlsTrust> tls,
    String database,
    Role role,
    Role operator,
    LoginRepair repair,
    List<SessionTask<?>> tasks) {

  public LoginRequest {
    tasks = List.copyOf(tasks);
  }

  /** Whether both requests prove the same login; repair, tasks and the need for TLS may differ. */
  boolean isSameLogin(LoginRequest other) {
    boolean isSameTrust = tls.map(TlsTrust::optional).equals(other.tls.map(TlsTrust::optional));
    return isSameTrust
        && new LoginRequest(
                server, host, port, other.tls, database, role, operator, other.repair, other.tasks)
            .equals(other);
  }
}
