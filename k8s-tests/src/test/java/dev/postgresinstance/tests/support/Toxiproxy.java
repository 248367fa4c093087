package dev.postgresinstance.tests.support;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;

/**
 * A TCP proxy to the API server of the test cluster that can cut the connections. It forwards all
 * bytes unchanged.
 */
public final class Toxiproxy implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LOOPBACK = "127.0.0.1";
  private static final String PROXY = "/proxies/api-server";

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port = freePort();
  private final Process process;
  private final String listenAddress;

  private Toxiproxy() {
    process =
        Command.start(Settings.toxiproxy(), "-host", LOOPBACK, "-port", Integer.toString(port));
    Eventually.that("toxiproxy is up", () -> send("GET", "/version", ""));
    URI server = URI.create(TestCluster.config().getMasterUrl());
    String created =
        send(
            "POST",
            "/proxies",
            json(
                Map.of(
                    "name", "api-server",
                    "listen", LOOPBACK + ":0",
                    "upstream", server.getHost() + ":" + server.getPort())));
    try {
      listenAddress = JSON.readTree(created).path("listen").asText();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(created, e);
    }
  }

  /** Starts a proxy that forwards everything. */
  public static Toxiproxy toApiServer() {
    return new Toxiproxy();
  }

  /** The URL of the API server through this proxy. */
  String url() {
    return "https://" + listenAddress;
  }

  /** Closes all connections and refuses new ones. */
  public void cut() {
    send("POST", PROXY, json(Map.of("enabled", false)));
  }

  /** Resets all connections, including new ones. */
  public void reset() {
    add("reset_peer", Map.of("timeout", 0));
  }

  /** Drops all data of all connections without closing them. */
  public void silence() {
    add("timeout", Map.of("timeout", 0));
  }

  private void add(String toxic, Map<String, Integer> attributes) {
    send("POST", PROXY + "/toxics", json(Map.of("type", toxic, "attributes", attributes)));
  }

  /** Forwards everything again; silenced connections are closed. */
  public void restore() {
    send("POST", "/reset", "");
  }

  private static String json(Map<String, ?> object) {
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private String send(String method, String path, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://%s:%d%s".formatted(LOOPBACK, port, path)))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() >= 300) {
        throw new IllegalStateException("toxiproxy: " + answer.body());
      }
      return answer.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Chooses the port here, because toxiproxy does not report a port that it chose itself. */
  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    http.close();
  }
}
