package dev.postgresinstance.operator.archive.store;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** A server that records requests, and answers each as the test tells: also as no store should. */
final class ScriptedS3 implements AutoCloseable {

  /**
   * A request.
   *
   * @param target path and query
   * @param body a character for each byte
   */
  record Request(String method, String target, Map<String, List<String>> headers, String body) {

    /** Value of a header; empty if there is none. */
    String header(String name) {
      return headers.entrySet().stream()
          .filter(entry -> entry.getKey().equalsIgnoreCase(name))
          .map(entry -> String.join(",", entry.getValue()))
          .findFirst()
          .orElse("");
    }
  }

  /**
   * An answer.
   *
   * @param body a character for each byte
   * @param sent how many bytes of the body are sent before the connection is closed
   */
  record Answer(int status, Map<String, String> headers, String body, int sent) {

    static Answer of(int status, String body) {
      return new Answer(status, Map.of(), body, body.length());
    }

    static Answer error(int status, String code, String message) {
      return of(
          status, "<Error><Code>%s</Code><Message>%s</Message></Error>".formatted(code, message));
    }

    static Answer ok() {
      return of(200, "");
    }

    Answer with(String header, String value) {
      return new Answer(status, Map.of(header, value), body, sent);
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
  private volatile Function<Request, Answer> script = request -> Answer.ok();

  ScriptedS3() throws IOException {
    this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
  }

  ScriptedS3(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  void answer(Function<Request, Answer> newScript) {
    script = newScript;
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  int port() {
    return server.getAddress().getPort();
  }

  S3Config config() {
    return config("http://127.0.0.1:" + port());
  }

  static S3Config config(String endpoint) {
    return new S3Config(endpoint, "", "backups", "/team/", true, "");
  }

  private void handle(HttpExchange exchange) throws IOException {
    Request request =
        new Request(
            exchange.getRequestMethod(),
            exchange.getRequestURI().toString(),
            Map.copyOf(exchange.getRequestHeaders()),
            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
    requests.add(request);
    Answer answer = script.apply(request);
    answer.headers().forEach(exchange.getResponseHeaders()::set);
    boolean empty = answer.body().isEmpty() || "HEAD".equals(request.method());
    exchange.sendResponseHeaders(answer.status(), empty ? -1 : answer.body().length());
    if (!empty) {
      OutputStream out = exchange.getResponseBody();
      out.write(answer.body().getBytes(StandardCharsets.ISO_8859_1), 0, answer.sent());
      out.flush();
    }
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
