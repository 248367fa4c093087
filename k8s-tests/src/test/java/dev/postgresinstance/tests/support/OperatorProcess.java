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
 * An operator in a process of its own on this machine, one of several that want the same lease.
 * What it writes can be told from what others write by its name.
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
   * Starts one and does not wait.
   *
   * @param main the class that starts it
   * @param server URL of the API server
   * @param environment what the operator is told beside how to reach cluster and databases
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
   * Has those that start from now on take over the classes that one has loaded which serves that
   * namespace: they need half of the time. Where the operator is no jar, as in an IDE, they do not.
   */
  public static void shareClasses(String namespace) {
    String name = "classes-" + namespace;
    // An archive may not know any folder of classes.
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
          name + " serves, or has ended",
          () -> assertThat(process.isAlive() && !process.log().contains("serving ")).isFalse());
      if (process.isAlive()) {
        process.signal("TERM");
        process.exitCode(Duration.ofMinutes(1));
      }
    }
  }

  /** The jars first: what takes over their classes has to have them in the same place. */
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
      // The image's Java is newer than what is enough for the tests.
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

  /** Sends it a signal, as kill does. */
  public void signal(String signal) {
    Command.run("kill", "-" + signal, Long.toString(process.pid()));
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Writes a line for it to read. */
  public void tell(String line) {
    try {
      process.outputWriter().append(line).append('\n').flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it has ended by itself. */
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

  /** What it has logged. */
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
