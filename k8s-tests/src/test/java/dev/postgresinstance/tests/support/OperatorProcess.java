package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An operator in its own process on this machine, one of several that compete for the same lease.
 * Its name is its user agent, which identifies its requests in the audit log.
 */
public final class OperatorProcess implements AutoCloseable {

  private static final Path FOLDER = Path.of("target", "processes");
  private static final Path CLASSES = FOLDER.resolve("classes.jsa");

  private final String name;
  private final Process process;

  private OperatorProcess(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  /**
   * Starts an operator without waiting until it serves.
   *
   * @param main the main class
   * @param server URL of the API server
   * @param environment environment variables in addition to those for access to the cluster and the
   *     databases
   */
  public static OperatorProcess start(
      String name, String main, String server, Map<String, String> environment) {
    List<String> options = new ArrayList<>();
    if (Files.exists(CLASSES)) {
      options.add("-XX:SharedArchiveFile=" + CLASSES);
    }
    options.addAll(List.of("-cp", classPath(entry -> true), main));
    return start(name, options, server, environment);
  }

  /**
   * Creates an archive of shared classes (AppCDS) with an operator that serves the given namespace.
   * Operators started later use it and need half the time to start. Without an operator jar, as in
   * an IDE, there is no archive.
   */
  public static void shareClasses(String namespace) {
    String name = "classes-" + namespace;
    // An AppCDS archive requires a class path without directories.
    List<String> options =
        List.of(
            "-XX:ArchiveClassesAtExit=" + CLASSES,
            "-cp",
            classPath(OperatorProcess::isJar),
            "dev.postgresinstance.operator.Main");
    try (OperatorProcess process =
        start(
            name,
            options,
            TestCluster.config().getMasterUrl(),
            Map.of("WATCH_NAMESPACES", namespace))) {
      Eventually.that(
          name + " serves or has ended",
          () -> assertThat(process.isAlive() && !process.log().contains("Serving ")).isFalse());
      if (process.isAlive()) {
        process.signal("TERM");
        process.exitCode(Duration.ofMinutes(1));
      }
    }
  }

  /** Puts the jars first: a process that uses the archive needs the same class path prefix. */
  private static String classPath(Predicate<String> filter) {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(filter)
        .sorted(Comparator.comparing(OperatorProcess::isJar).reversed())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static boolean isJar(String entry) {
    return entry.endsWith(".jar");
  }

  private static OperatorProcess start(
      String name, List<String> options, String server, Map<String, String> environment) {
    try {
      Files.createDirectories(FOLDER);
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      // The image has a newer Java than the tests require; an older one ignores its new options.
      command.addAll(List.of("-XX:+IgnoreUnrecognizedVMOptions", "@../operator/jvm.options"));
      command.addAll(options);
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log(name).toFile());
      builder
          .environment()
          .putAll(
              Map.of(
                  "KUBECONFIG",
                  kubeconfig(name, server).toString(),
                  "KUBERNETES_USER_AGENT",
                  name,
                  "HOSTNAME",
                  name,
                  "DATABASE_ACCESS",
                  "NodePort",
                  "HEALTH_PORT",
                  "0"));
      builder.environment().putAll(environment);
      Settings.operatorImage()
          .ifPresent(image -> builder.environment().put("OPERATOR_IMAGE", image));
      Settings.postgresImage()
          .ifPresent(image -> builder.environment().put("POSTGRES_IMAGES", "17=" + image));
      return new OperatorProcess(name, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String name() {
    return name;
  }

  /** Sends a signal to the process, as `kill` does. */
  public void signal(String signal) {
    Command.run("kill", "-" + signal, Long.toString(process.pid()));
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Writes a line to the standard input of the process. */
  public void writeLine(String line) {
    try {
      process.outputWriter().append(line).append('\n').flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the process ends on its own, and returns its exit code. */
  public int exitCode(Duration patience) {
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(name + " did not end in " + patience);
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The output of the process. */
  public String log() {
    try {
      return Files.readString(log(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private static Path log(String name) {
    return FOLDER.resolve(name + ".log");
  }

  private static Path kubeconfig(String name, String server) throws IOException {
    Config config = TestCluster.config();
    return Files.writeString(
            FOLDER.resolve(name + ".kubeconfig"),
            """
            apiVersion: v1
            kind: Config
            current-context: tests
            contexts: [{name: tests, context: {cluster: tests, user: tests}}]
            clusters:
            - {name: tests, cluster: {server: '%s', certificate-authority-data: '%s'}}
            users:
            - {name: tests, user: {client-certificate-data: '%s', client-key-data: '%s'}}
            """
                .formatted(
                    server,
                    config.getCaCertData(),
                    config.getClientCertData(),
                    config.getClientKeyData()))
        .toAbsolutePath();
  }
}
