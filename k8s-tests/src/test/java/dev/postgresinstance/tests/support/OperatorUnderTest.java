package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.client.http.Interceptor;

/** The operator, however it runs: the test bodies do not know. */
public interface OperatorUnderTest extends AutoCloseable {

  /** Starts it and returns when it serves instances. */
  void start();

  /** The same, with something between it and the API server. */
  void startBehind(Interceptor interceptor);

  /** The same, with a proxy in the way, and the watches as they are by default. */
  void startVia(Toxiproxy way);

  /** Stops it; databases go on without it. */
  void stop();

  /**
   * Replaces it by another version, until it is started again.
   *
   * @param image the other version's image
   * @param postgresImage its default image of PostgreSQL 17
   */
  void upgrade(String image, String postgresImage);

  /** What it answers at {@code /livez}, as the kubelet asks it. */
  boolean isAlive();

  /** What it has logged since it was first started. */
  String logs();

  /** The requests it sends, where they can be counted. */
  Recorder recorder();

  /** What it may do in the cluster. */
  GrantedRights rights();

  /** Whether it was the one who sent a request that the API server has noted. */
  boolean sent(AuditLog.Request write);

  @Override
  default void close() {
    stop();
  }

  /** The operator that this run is about; it serves the whole cluster until it is closed. */
  static OperatorUnderTest started() {
    ClusterLock.take();
    OperatorUnderTest operator =
        Settings.operatorIsInstalled() ? new InstalledOperator() : new InProcessOperator();
    operator.start();
    return operator;
  }
}
