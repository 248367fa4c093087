package dev.postgresinstance.operator.management;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpHandlers;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The HTTP endpoints for the kubelet and Prometheus. {@code /livez} succeeds while the process
 * makes progress; {@code /readyz} succeeds when it serves instances, or would if it held the lease;
 * {@code /metrics} has the metrics.
 */
public final class HealthServer implements AutoCloseable {

  private final HttpServer server;
  private volatile boolean ready;

  private HealthServer(HttpServer server) {
    this.server = server;
  }

  /**
   * Starts a server on all addresses of the host.
   *
   * @param port the port; 0 means any free port
   * @param alive whether the process makes progress
   * @param metrics supplies the metrics in the text format of Prometheus
   * @throws IllegalArgumentException if the port cannot be bound
   */
  public static HealthServer start(int port, BooleanSupplier alive, Supplier<String> metrics) {
    HealthServer health = new HealthServer(listen(port));
    // Several threads: collecting metrics can be slow on a busy machine and must not delay probes.
    health.server.setExecutor(
        Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("health").factory()));
    HttpHandler ok = HttpHandlers.of(200, new Headers(), "ok\n");
    HttpHandler notReady = HttpHandlers.of(503, new Headers(), "not ready\n");
    HttpHandler stuck = HttpHandlers.of(503, new Headers(), "stuck\n");
    Headers text = Headers.of("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    health.server.createContext(
        "/livez", HttpHandlers.handleOrElse(request -> alive.getAsBoolean(), ok, stuck));
    health.server.createContext(
        "/metrics", exchange -> HttpHandlers.of(200, text, metrics.get()).handle(exchange));
    health.server.createContext(
        "/readyz", HttpHandlers.handleOrElse(request -> health.ready, ok, notReady));
    health.server.start();
    return health;
  }

  private static HttpServer listen(int port) {
    try {
      return HttpServer.create(new InetSocketAddress(port), 0);
    } catch (IOException e) {
      String message = "HEALTH_PORT: cannot listen on port %d: %s".formatted(port, e.getMessage());
      throw new IllegalArgumentException(message, e);
    }
  }

  /** From now on {@code /readyz} succeeds. */
  public void markReady() {
    ready = true;
  }

  /** The port that the server listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Stops at once, without waiting for requests that are running. */
  @Override
  public void close() {
    server.stop(0);
  }
}
