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
 * The way to the API server of the tests' cluster, by a proxy that can be told to cut it. It hands
 * on what goes over it as it is.
 */
public final class Toxiproxy implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LOOPBACK = "127.0.0.1";
  private static final String WAY = "/proxies/api-server";

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port = freePort();
  private final Process process;
  private final String listens;

  private Toxiproxy() {
    process =
        Command.start(Settings.toxiproxy(), "-host", LOOPBACK, "-port", Integer.toString(port));
    Eventually.that("toxiproxy is up", () -> send("GET", "/version", ""));
    URI server = URI.create(TestCluster.config().getMasterUrl());
    String made =
        send(
            "POST",
            "/proxies",
            json(
                Map.of(
                    "name", "api-server",
                    "listen", LOOPBACK + ":0",
                    "upstream", server.getHost() + ":" + server.getPort())));
    try {
      listens = JSON.readTree(made).path("listen").asText();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(made, e);
    }
  }

  /** One that lets everything through. */
  public static Toxiproxy toApiServer() {
    return new Toxiproxy();
  }

  /** Where the API server answers. */
  String url() {
    return "https://" + listens;
  }

  /** Ends all connections, and each new one. */
  public void cut() {
    send("POST", WAY, json(Map.of("enabled", false)));
  }

  /** Resets all connections, and each new one. */
  public void reset() {
    add("reset_peer", Map.of("timeout", 0));
  }

  /** Nothing comes over any connection any more, and none is closed. */
  public void silence() {
    add("timeout", Map.of("timeout", 0));
  }

  private void add(String toxic, Map<String, Integer> attributes) {
    send("POST", WAY + "/toxics", json(Map.of("type", toxic, "attributes", attributes)));
  }

  /** Lets everything through again; connections that were silent are closed. */
  public void mend() {
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

  /** It does not tell which one it has chosen itself. */
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
