package dev.postgresinstance.operator;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.postgresinstance.operator.feature.configuration.ConfigurationPlan;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.feature.network.InstanceService;
import dev.postgresinstance.operator.feature.server.ServerConfigMap;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An API server with many instances and their children except Secrets. It supports paged lists;
 * watches report nothing, and all writes fail.
 */
final class ManyInstances implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> KINDS_WITHOUT_OBJECTS =
      Set.of("secrets", "nodes", "jobs", "postgresbackups");

  private final int count;
  private final Map<String, String> templates = new TreeMap<>();
  private final HttpServer server;
  private final List<Page> pages = new ArrayList<>();

  ManyInstances(int count) throws IOException {
    this.count = count;
    Snapshot snapshot = Snapshots.withData(Snapshots.of("{}"));
    for (HasMetadata object :
        List.of(
            snapshot.instance(),
            InstanceService.desired(snapshot),
            DataClaim.desired(snapshot, Optional.empty()),
            ServerConfigMap.desired(snapshot, ConfigurationPlan.of(snapshot, Optional.empty())),
            Pods.statefulSet(snapshot, PostgresImages.parse(""), Optional.empty()),
            Pods.started(snapshot))) {
      object.getMetadata().setResourceVersion("1");
      templates.put(HasMetadata.getPlural(object.getClass()), JSON.writeValueAsString(object));
    }
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  /**
   * A page of a list that was sent.
   *
   * @param resourceVersion the requested resource version; empty for the most recent one
   */
  record Page(String kind, int first, int last, String resourceVersion) {}

  int port() {
    return server.getAddress().getPort();
  }

  /** All pages, in the order in which they were sent. */
  List<Page> pages() {
    synchronized (pages) {
      return List.copyOf(pages);
    }
  }

  /** Whether all objects of all kinds were sent. */
  boolean isListed() {
    return pages().stream().filter(page -> page.last() == count).map(Page::kind).distinct().count()
        == templates.size();
  }

  private void answer(HttpExchange exchange) throws IOException {
    Map<String, String> query = query(exchange);
    String path = exchange.getRequestURI().getPath();
    String kind = path.substring(path.lastIndexOf('/') + 1);
    if (!exchange.getRequestMethod().equals("GET")
        // Clients fall back to a watch without a web socket.
        || "websocket".equals(exchange.getRequestHeaders().getFirst("Upgrade"))) {
      refuse(exchange, 503);
    } else if (!templates.containsKey(kind) && !KINDS_WITHOUT_OBJECTS.contains(kind)) {
      refuse(exchange, 404);
    } else if (query.containsKey("watch")) {
      exchange.sendResponseHeaders(200, 0); // a watch without events
    } else {
      list(exchange, kind, query);
    }
  }

  private void list(HttpExchange exchange, String kind, Map<String, String> query)
      throws IOException {
    int all = templates.containsKey(kind) ? count : 0;
    int first = Integer.parseInt(query.getOrDefault("continue", "0"));
    int last = Math.min(all, first + Integer.parseInt(query.getOrDefault("limit", "1000000")));
    String items =
        IntStream.range(first, last)
            .mapToObj("%04d"::formatted)
            .map(number -> numbered(templates.get(kind), number))
            .collect(Collectors.joining(","));
    String next = last == all ? "" : Integer.toString(last);
    synchronized (pages) {
      pages.add(new Page(kind, first, last, query.getOrDefault("resourceVersion", "")));
    }
    send(
        exchange,
        200,
        "{\"metadata\":{\"resourceVersion\":\"1\",\"continue\":\"%s\"},\"items\":[%s]}"
            .formatted(next, items));
  }

  private static String numbered(String template, String number) {
    return template
        .replace("orders", "orders-" + number)
        .replace(Snapshots.UID, Snapshots.UID.substring(0, Snapshots.UID.length() - 4) + number);
  }

  private static Map<String, String> query(HttpExchange exchange) {
    return Arrays.stream(
            Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("").split("&"))
        .map(pair -> pair.split("=", 2))
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair.length == 1 ? "" : pair[1]));
  }

  private static void refuse(HttpExchange exchange, int code) throws IOException {
    send(exchange, code, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":%d}".formatted(code));
  }

  private static void send(HttpExchange exchange, int code, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
