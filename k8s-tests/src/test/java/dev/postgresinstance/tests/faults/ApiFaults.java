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
 * An API server as it can be, too: overloaded, slow, away. What it does not answer itself is
 * answered in its place by a server of this process.
 */
final class ApiFaults implements Interceptor, AutoCloseable {

  private static final Duration LATENCY = Duration.ofSeconds(5);

  /** The operator waits for five seconds. */
  private static final Duration TOO_LATE = Duration.ofSeconds(6);

  private static final String LATER = "/later";
  private static final double SOME = 0.3;
  private static final List<Integer> OVERLOADED = List.of(429, 500, 503);

  /** What may be wrong with it. */
  enum Kind {
    NONE,
    /** 30 % of all requests are answered 429, 500 or 503. */
    OVERLOADED,
    /** Each request takes five seconds longer. */
    SLOW,
    /** Each update meets another one, 409. */
    CONFLICTS,
    /** The answer to 30 % of the writes is lost, though they took place. */
    LOST_REPLIES,
    /** Each answer comes later than anybody waits for it, though what was asked for took place. */
    LATE_REPLIES,
    /** Each second all watches end on which something came. */
    CUT_WATCHES,
    /** No watch can go on where it ended, 410. */
    GONE,
    /** Nothing answers, and no watch goes on. */
    AWAY
  }

  private final HttpServer server;
  private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
  private final Queue<AsyncBody> watches = new ConcurrentLinkedQueue<>();
  private final AtomicInteger faults = new AtomicInteger();
  private volatile Kind kind = Kind.NONE;

  /** None yet. */
  ApiFaults() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(LATER, ApiFaults::handOn);
    server.createContext(
        "/",
        exchange -> {
          String code = exchange.getRequestURI().getPath().substring(1);
          byte[] status =
              """
              {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": %s, "message": "made by a test"}"""
                  .formatted(code)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(Integer.parseInt(code), status.length);
          exchange.getResponseBody().write(status);
          exchange.close();
        });
    server.start();
    Future<?> unused =
        later.scheduleAtFixedRate(
            () -> {
              if (kind == Kind.CUT_WATCHES) {
                endWatches();
              }
            },
            1,
            1,
            TimeUnit.SECONDS);
  }

  /** From now on that is wrong. */
  void begin(Kind fault) {
    kind = fault;
    faults.set(0);
    if (fault == Kind.AWAY || fault == Kind.GONE) {
      endWatches();
    }
  }

  /** All is well again; gives how often something was not. */
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
    boolean updates = request.method().equals("PATCH") || request.method().equals("PUT");
    switch (kind) {
      case OVERLOADED -> {
        if (sometimes()) {
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
          builder.uri(local(LATER + target(request.uri())));
        }
      }
      case CONFLICTS -> {
        if (updates) {
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

  /** To the API server, for whoever asks; the answer is what comes too late. */
  private static void handOn(HttpExchange exchange) throws IOException {
    String target = target(exchange.getRequestURI()).substring(LATER.length() + 1);
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

  /** The time is what is tried. */
  private static void pause(Duration time) {
    try {
      TimeUnit.MILLISECONDS.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean sometimes() {
    return ThreadLocalRandom.current().nextDouble() < SOME;
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
    if (kind == Kind.LOST_REPLIES && !request.method().equals("GET") && sometimes()) {
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
    later.shutdownNow();
  }
}
