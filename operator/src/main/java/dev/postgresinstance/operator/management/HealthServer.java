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
 * {@code /livez}: the process gets on with its work. {@code /readyz}: instances are served, or
 * would be if it held the lease. {@code /metrics}: for Prometheus.
 */
public final class HealthServer implements AutoCloseable {

  private final HttpServer server;
  private volatile boolean ready;

  private HealthServer(HttpServer server) {
    this.server = server;
  }

  /**
   * Listens on all addresses.
   *
   * @param port 0 for any free one
   * @param alive whether the process gets on with its work
   * @param metrics gives them in the text format of Prometheus
   * @throws IllegalArgumentException when it cannot be listened on
   */
  public static HealthServer start(int port, BooleanSupplier alive, Supplier<String> metrics) {
    HealthServer health = new HealthServer(listen(port));
    // On a busy machine it may take long to gather the metrics, and nobody else waits for that.
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
      String message = "HEALTH_PORT: %d cannot be listened on: %s".formatted(port, e.getMessage());
      throw new IllegalArgumentException(message, e);
    }
  }

  /** From now on {@code /readyz} says so. */
  public void ready() {
    ready = true;
  }

  /** The port it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
