package dev.postgresinstance.tests.faults;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.postgresinstance.tests.support.Recorder;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Simulates faults of the API server: overload, latency, unavailability. An HTTP server in this
 * process answers the requests that do not reach the API server.
 */
final class ApiFaults implements Interceptor, AutoCloseable {

  private static final Duration LATENCY = Duration.ofSeconds(5);

  /** Longer than the request timeout of the operator, which is five seconds. */
  private static final Duration TOO_LATE = Duration.ofSeconds(6);

  private static final String DELAYED = "/later";
  private static final double FAULT_PROBABILITY = 0.3;
  private static final List<Integer> OVERLOADED = List.of(429, 500, 503);

  /** The kinds of faults. */
  enum Kind {
    NONE,
    /** 30 % of all requests are answered with 429, 500 or 503. */
    OVERLOADED,
    /** Each request takes five seconds longer. */
    SLOW,
    /** Each update is answered with 409 Conflict. */
    CONFLICTS,
    /** The responses to 30 % of the writes are lost; the writes take effect. */
    LOST_REPLIES,
    /** Each response arrives after the request timeout; the requests take effect. */
    LATE_REPLIES,
    /** Every second, all watches that have received data are closed. */
    CUT_WATCHES,
    /** No watch can resume: each one is answered with 410 Gone. */
    GONE,
    /** The API server is unreachable and all watches are closed. */
    AWAY
  }

  private final HttpServer server;
  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final Queue<AsyncBody> watches = new ConcurrentLinkedQueue<>();
  private final AtomicInteger faults = new AtomicInteger();
  private volatile Kind kind = Kind.NONE;

  /** Starts without a fault. */
  ApiFaults() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(DELAYED, ApiFaults::forwardWithDelay);
    server.createContext(
        "/",
        exchange -> {
          String code = exchange.getRequestURI().getPath().substring(1);
          byte[] status =
              """
              {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": %s, "message": "injected by a test"}"""
                  .formatted(code)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(Integer.parseInt(code), status.length);
          exchange.getResponseBody().write(status);
          exchange.close();
        });
    server.start();
    Future<?> unused =
        scheduler.scheduleAtFixedRate(
            () -> {
              if (kind == Kind.CUT_WATCHES) {
                endWatches();
              }
            },
            1,
            1,
            TimeUnit.SECONDS);
  }

  /** Starts the given fault and resets the count. */
  void begin(Kind fault) {
    kind = fault;
    faults.set(0);
    if (fault == Kind.AWAY || fault == Kind.GONE) {
      endWatches();
    }
  }

  /** Ends the fault; returns the number of affected requests. */
  int end() {
    kind = Kind.NONE;
    return faults.get();
  }

  private void endWatches() {
    for (AsyncBody watch = watches.poll(); watch != null; watch = watches.poll()) {
      faults.incrementAndGet();
      watch.cancel();
    }
  }

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    boolean isUpdate = request.method().equals("PATCH") || request.method().equals("PUT");
    switch (kind) {
      case OVERLOADED -> {
        if (isChosen()) {
          answer(builder, OVERLOADED.get(ThreadLocalRandom.current().nextInt(OVERLOADED.size())));
        }
      }
      case SLOW -> {
        faults.incrementAndGet();
        pause(LATENCY);
      }
      case LATE_REPLIES -> {
        if (!isWatch(request)) {
          faults.incrementAndGet();
          builder.uri(local(DELAYED + target(request.uri())));
        }
      }
      case CONFLICTS -> {
        if (isUpdate) {
          answer(builder, 409);
        }
      }
      case GONE -> {
        if (isWatch(request)) {
          answer(builder, 410);
        }
      }
      case AWAY -> {
        faults.incrementAndGet();
        builder.uri(URI.create("http://127.0.0.1:1/"));
      }
      case NONE, LOST_REPLIES, CUT_WATCHES -> {}
    }
  }

  private void answer(BasicBuilder builder, int code) {
    faults.incrementAndGet();
    builder.uri(local("/" + code));
  }

  private URI local(String target) {
    return URI.create("http://127.0.0.1:%d%s".formatted(server.getAddress().getPort(), target));
  }

  private static String target(URI uri) {
    return uri.getRawQuery() == null
        ? uri.getRawPath()
        : uri.getRawPath() + "?" + uri.getRawQuery();
  }

  /** Forwards the request to the API server and delays the response beyond the client's timeout. */
  private static void forwardWithDelay(HttpExchange exchange) throws IOException {
    String target = target(exchange.getRequestURI()).substring(DELAYED.length() + 1);
    HttpClient http = TestCluster.client().getHttpClient();
    HttpRequest.Builder request =
        http.newHttpRequestBuilder()
            .uri(URI.create(TestCluster.client().getMasterUrl() + target))
            .method(
                exchange.getRequestMethod(),
                exchange.getRequestHeaders().getFirst("Content-Type"),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    for (String header : List.of("Accept", "Impersonate-User")) {
      Optional.ofNullable(exchange.getRequestHeaders().getFirst(header))
          .ifPresent(value -> request.header(header, value));
    }
    HttpResponse<String> answer = http.sendAsync(request.build(), String.class).join();
    pause(TOO_LATE);
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(answer.code(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** Sleeps: the delay itself is the fault. */
  private static void pause(Duration time) {
    try {
      TimeUnit.MILLISECONDS.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isChosen() {
    return ThreadLocalRandom.current().nextDouble() < FAULT_PROBABILITY;
  }

  @Override
  public AsyncBody.Consumer<List<ByteBuffer>> consumer(
      AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
    if (isWatch(request)) {
      return (bytes, body) -> {
        if (!watches.contains(body)) {
          watches.add(body);
        }
        consumer.consume(bytes, body);
      };
    }
    if (kind == Kind.LOST_REPLIES && !request.method().equals("GET") && isChosen()) {
      faults.incrementAndGet();
      return (bytes, body) -> {
        throw new IOException("the reply is lost");
      };
    }
    return consumer;
  }

  private static boolean isWatch(HttpRequest request) {
    return Recorder.isWatch(request.method(), request.uri());
  }

  @Override
  public void close() {
    server.stop(0);
    scheduler.shutdownNow();
  }
}
