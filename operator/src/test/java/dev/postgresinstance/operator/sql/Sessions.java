package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.tls.ServerIdentity;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.Optional;
import java.util.Set;

/** Sessions without a server, for tests of what the operator does in them. */
public final class Sessions {

  private Sessions() {}

  /** The first session, with these requests. */
  public static Session of(Connection connection, Set<SessionRequest> requests) {
    return session(connection, Optional.empty(), ServerFindings.NONE, requests, Set.of());
  }

  /** A session after one with these findings, of which some have to be refreshed. */
  public static Session of(Connection connection, ServerFindings previous, Set<FindingKey<?>> due) {
    return session(connection, Optional.empty(), previous, Set.of(), due);
  }

  /** A session after one with these findings, over TLS unless nothing is presented. */
  public static Session of(
      Connection connection, Optional<ServerIdentity> presented, ServerFindings previous) {
    return session(connection, presented, previous, Set.of(), Set.of());
  }

  private static Session session(
      Connection connection,
      Optional<ServerIdentity> presented,
      ServerFindings previous,
      Set<SessionRequest> requests,
      Set<FindingKey<?>> due) {
    return new Session(
        connection,
        "10.96.0.7",
        presented,
        new Pending(),
        previous,
        requests,
        due,
        role -> new Pending());
  }

  /** Implements an interface of JDBC: the handler answers each call. */
  public static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
