package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.client.http.Interceptor;

/** The operator under test; the tests are the same whether it runs in-process or installed. */
public interface OperatorUnderTest extends AutoCloseable {

  /** Starts the operator and returns when it reconciles instances. */
  void start();

  /** Starts the operator with an interceptor for its requests to the API server. */
  void startBehind(Interceptor interceptor);

  /** Starts the operator behind a proxy to the API server, with default (WebSocket) watches. */
  void startVia(Toxiproxy proxy);

  /** Stops the operator; the databases keep running. */
  void stop();

  /**
   * Replaces the operator by another version, until it is started again.
   *
   * @param image image of the other version
   * @param postgresImage default image for PostgreSQL 17 of the other version
   */
  void upgrade(String image, String postgresImage);

  /** Whether {@code /livez}, the liveness probe, succeeds. */
  boolean isAlive();

  /** The log of the operator since its first start. */
  String logs();

  /** The recorded requests of the operator; not available for an installed operator. */
  Recorder recorder();

  /** The permissions of the operator in the cluster. */
  GrantedPermissions permissions();

  /** Whether this operator sent the given request of the audit log. */
  boolean sent(AuditLog.Request request);

  @Override
  default void close() {
    stop();
  }

  /** Starts the operator of this test run; it serves the whole cluster until it is closed. */
  static OperatorUnderTest started() {
    ClusterLock.acquire();
    OperatorUnderTest operator =
        Settings.operatorIsInstalled() ? new InstalledOperator() : new InProcessOperator();
    operator.start();
    return operator;
  }
}
