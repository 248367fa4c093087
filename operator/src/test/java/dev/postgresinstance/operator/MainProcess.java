package dev.postgresinstance.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The operator as a process of its own, with the options that it is shipped with. */
final class MainProcess implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path output;
  private final Process process;

  private MainProcess(Path output, Process process) {
    this.output = output;
    this.process = process;
  }

  /** How it ended, and what it said. */
  record Ended(int exitCode, List<String> lines) {

    String lastLine() {
      return lines.getLast();
    }
  }

  /**
   * Starts it; its files are in that folder.
   *
   * @param options of the JVM, which outdo those it is shipped with
   */
  static MainProcess start(Path folder, Map<String, String> environment, String... options)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+IgnoreUnrecognizedVMOptions"); // of a newer Java, which the image has
    command.add("@jvm.options");
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", classPath(), Main.class.getName()));
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return new MainProcess(output, builder.start());
  }

  /** The same, for an API server at that port of this machine. */
  static MainProcess start(
      Path folder, int apiServer, Map<String, String> environment, String... options)
      throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("KUBECONFIG", kubeconfig(folder, "server: '%s'".formatted(url(apiServer)), ""));
    return start(folder, all, options);
  }

  /** As the operator names an API server at that port of this machine. */
  static String url(int apiServer) {
    return "http://127.0.0.1:%d/".formatted(apiServer);
  }

  /** As it is shipped: the tests' own logging would hide what the process logs. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !Path.of(entry).endsWith("test-classes"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /**
   * Writes a kubeconfig into that folder, and gives its path.
   *
   * @param cluster what it says of the cluster, as YAML
   * @param user what it says of the user
   */
  static String kubeconfig(Path folder, String cluster, String user) throws IOException {
    return Files.writeString(
            folder.resolve("kubeconfig"),
            """
            apiVersion: v1
            kind: Config
            current-context: nowhere
            contexts:
            - {name: nowhere, context: {cluster: nowhere, user: nobody}}
            clusters:
            - {name: nowhere, cluster: {%s}}
            users:
            - {name: nobody, user: {%s}}
            """
                .formatted(cluster, user))
        .toString();
  }

  /** A port of this machine at which nothing answers. */
  static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** What it has said so far. */
  String output() throws IOException {
    return Files.readString(output);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until it ends by itself. */
  Ended end() throws IOException, InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return new Ended(process.exitValue(), Files.readAllLines(output, StandardCharsets.UTF_8));
  }

  /** What HTTP status it answers with at that port. */
  static int status(int port, String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(port, path));
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
