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

/** The operator as a separate process, with the shipped JVM options. */
final class MainProcess implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path output;
  private final Process process;

  private MainProcess(Path output, Process process) {
    this.output = output;
    this.process = process;
  }

  /** Exit code and output of the process. */
  record Ended(int exitCode, List<String> lines) {

    String lastLine() {
      return lines.getLast();
    }
  }

  /**
   * Starts the process.
   *
   * @param folder a directory for its files
   * @param options JVM options, which override the shipped ones
   */
  static MainProcess start(Path folder, Map<String, String> environment, String... options)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+IgnoreUnrecognizedVMOptions"); // options for the newer Java of the image
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

  /** Starts the process for an API server on a local port. */
  static MainProcess start(
      Path folder, int apiServer, Map<String, String> environment, String... options)
      throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("KUBECONFIG", kubeconfig(folder, "server: '%s'".formatted(url(apiServer)), ""));
    return start(folder, all, options);
  }

  /** How the operator names an API server on a local port. */
  static String url(int apiServer) {
    return "http://127.0.0.1:%d/".formatted(apiServer);
  }

  /** The class path without the tests, whose log configuration would hide the process's log. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !Path.of(entry).endsWith("test-classes"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /**
   * Writes a kubeconfig into the directory, and returns its path.
   *
   * @param cluster its cluster, as YAML
   * @param user its user, as YAML
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

  /** A local port that nothing listens on. */
  static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The output so far. */
  String output() throws IOException {
    return Files.readString(output);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until the process exits by itself. */
  Ended end() throws IOException, InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return new Ended(process.exitValue(), Files.readAllLines(output, StandardCharsets.UTF_8));
  }

  /** The HTTP status of a GET request to a local port. */
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
